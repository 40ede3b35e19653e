// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

import java.util.Arrays;

/** The operators of C++ by their two-letter codes; the text is libiberty's, which ends in a space after a word. */
final class CppOperators {
    /** Code, number of operands, text; sorted by code, upper case first. */
    private static final String[] TABLE = {
        "aN2&=",
        "aS2=",
        "aa2&&",
        "ad1&",
        "an2&",
        "at1alignof ",
        "aw1co_await ",
        "az1alignof ",
        "cc2const_cast",
        "cl2()",
        "cm2,",
        "co1~",
        "dV2/=",
        "dX3[...]=",
        "da1delete[] ",
        "dc2dynamic_cast",
        "de1*",
        "di2=",
        "dl1delete ",
        "ds2.*",
        "dt2.",
        "dv2/",
        "dx2]=",
        "eO2^=",
        "eo2^",
        "eq2==",
        "ge2>=",
        "gs1::",
        "gt2>",
        "ix2[]",
        "lS2<<=",
        "le2<=",
        "ls2<<",
        "lt2<",
        "mI2-=",
        "mL2*=",
        "mi2-",
        "ml2*",
        "mm1--",
        "na3new[]",
        "ne2!=",
        "ng1-",
        "nt1!",
        "nw3new",
        "nx1noexcept",
        "oR2|=",
        "oo2||",
        "or2|",
        "pL2+=",
        "pl2+",
        "pm2->*",
        "pp1++",
        "ps1+",
        "pt2->",
        "qu3?",
        "rM2%=",
        "rS2>>=",
        "rc2reinterpret_cast",
        "rm2%",
        "rs2>>",
        "sP1sizeof...",
        "sZ1sizeof...",
        "sc2static_cast",
        "ss2<=>",
        "st1sizeof ",
        "sz1sizeof ",
        "te1typeid ",
        "ti1typeid ",
        "tr0throw",
        "tw1throw ",
    };

    private static final int[] CODES = new int[TABLE.length];
    private static final String[] TEXTS = new String[TABLE.length];

    static {
        for (int i = 0; i < TABLE.length; i++) {
            CODES[i] = code(TABLE[i].charAt(0), TABLE[i].charAt(1));
            TEXTS[i] = TABLE[i].substring(3);
        }
    }

    private CppOperators() {}

    private static int code(char first, char second) {
        return first << 8 | second;
    }

    /** The index of an operator; negative when there is none of that code. */
    static int index(char first, char second) {
        return Arrays.binarySearch(CODES, code(first, second));
    }

    static int operands(int index) {
        return TABLE[index].charAt(2) - '0';
    }

    static String text(int index) {
        return TEXTS[index];
    }

    static boolean is(int index, String code) {
        return CODES[index] == code(code.charAt(0), code.charAt(1));
    }
}
