// SPDX-License-Identifier: Apache-2.0

/**
 * The C functions that jbcc calls, by {@code java.lang.foreign}. No other package uses restricted methods. Memory
 * leaves this package as segments with their true size; what libbpf owns leaves it as an opaque {@code long}.
 */
package dev.jbcc.bpf.ffi;
