// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

/** The fixed words of C++ that have a letter in mangled names: qualifiers, built-in types, names of the library. */
final class CppWords {
    private CppWords() {}

    static String qualifier(int which) {
        return switch (which) {
            case 'K' -> " const";
            case 'V' -> " volatile";
            case 'r' -> " restrict";
            case 'R' -> " &";
            case 'O' -> " &&";
            case 'o' -> " noexcept";
            default -> " transaction_safe";
        };
    }

    static String standard(char which, int form) {
        String name = switch (which) {
            case 't' -> "std";
            case 'a' -> "std::allocator";
            case 'b' -> "std::basic_string";
            case 's' ->
                form == CppParser.ALIAS
                        ? "std::string"
                        : "std::basic_string<char, std::char_traits<char>, std::allocator<char> >";
            case 'i' -> form == CppParser.ALIAS ? "std::istream" : "std::basic_istream<char, std::char_traits<char> >";
            case 'o' -> form == CppParser.ALIAS ? "std::ostream" : "std::basic_ostream<char, std::char_traits<char> >";
            default -> form == CppParser.ALIAS ? "std::iostream" : "std::basic_iostream<char, std::char_traits<char> >";
        };
        if (form != CppParser.CLASS_NAME || which == 't') {
            return name;
        }
        int arguments = name.indexOf('<');
        return name.substring("std::".length(), arguments < 0 ? name.length() : arguments);
    }

    static String builtin(int which) {
        return switch (which) {
            case 'v' -> "void";
            case 'w' -> "wchar_t";
            case 'b' -> "bool";
            case 'c' -> "char";
            case 'a' -> "signed char";
            case 'h' -> "unsigned char";
            case 's' -> "short";
            case 't' -> "unsigned short";
            case 'i' -> "int";
            case 'j' -> "unsigned int";
            case 'l' -> "long";
            case 'm' -> "unsigned long";
            case 'x' -> "long long";
            case 'y' -> "unsigned long long";
            case 'n' -> "__int128";
            case 'o' -> "unsigned __int128";
            case 'f' -> "float";
            case 'd' -> "double";
            case 'e' -> "long double";
            case 'g' -> "__float128";
            case 'z' -> "...";
            case 'p' -> "pixel";
            case 'D' << 8 | 'a' -> "auto";
            case 'D' << 8 | 'c' -> "decltype(auto)";
            case 'D' << 8 | 'n' -> "decltype(nullptr)";
            case 'D' << 8 | 'u' -> "char8_t";
            case 'D' << 8 | 'i' -> "char32_t";
            case 'D' << 8 | 's' -> "char16_t";
            case 'D' << 8 | 'd' -> "decimal64";
            case 'D' << 8 | 'e' -> "decimal128";
            case 'D' << 8 | 'f' -> "decimal32";
            case 'D' << 8 | 'h' -> "half";
            default -> throw new Malformed();
        };
    }
}
