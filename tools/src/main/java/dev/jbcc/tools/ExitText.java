// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.host.SignalName;
import dev.jbcc.output.TextSource;
import java.nio.charset.StandardCharsets;

/** How a program ended: its exit status, or the name of the signal, with {@code +core} when it left a core dump. */
final class ExitText implements TextSource {
    private final Execsnoop.Event event;

    ExitText(Execsnoop.Event event) {
        this.event = event;
    }

    @Override
    public int read(byte[] into) {
        if (event.kind.get() != Execsnoop.EXIT) {
            return -1;
        }
        int code = (int) event.exitCode.get();
        int signal = code & 0x7f;
        String text = signal == 0 ? Integer.toString(code >> 8 & 0xff) : SignalName.of(signal);
        byte[] bytes = ((code & 0x80) == 0 ? text : text + "+core").getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, into, 0, bytes.length);
        return bytes.length;
    }
}
