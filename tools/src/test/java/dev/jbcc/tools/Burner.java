// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

/**
 * A program that burns the CPU as {@code burn.c} does: 60 % in {@code sixty}, 30 % in {@code thirty}, 10 % in
 * {@code ten}. Its argument is how many seconds; it says {@code ready} when its methods are compiled.
 */
final class Burner {
    private static volatile long sink;

    private Burner() {}

    public static void main(String[] arguments) {
        run(System.nanoTime() + 1_500_000_000L);
        System.out.println("ready");
        run(System.nanoTime() + (long) (Double.parseDouble(arguments[0]) * 1e9));
    }

    private static void run(long end) {
        while (System.nanoTime() < end) {
            sixty();
            thirty();
            ten();
        }
    }

    private static void sixty() {
        for (int i = 0; i < 60_000; i++) {
            sink += i;
        }
    }

    private static void thirty() {
        for (int i = 0; i < 30_000; i++) {
            sink += i;
        }
    }

    private static void ten() {
        for (int i = 0; i < 10_000; i++) {
            sink += i;
        }
    }
}
