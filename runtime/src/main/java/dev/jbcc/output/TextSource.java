// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

/** A text of the current event: copies its raw bytes into the array and returns how many, or -1 if there is none. */
public interface TextSource {
    int read(byte[] into);
}
