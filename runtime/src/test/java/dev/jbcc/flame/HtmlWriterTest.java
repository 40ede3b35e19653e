// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HtmlWriterTest {
    private static final String HOSTILE = "</script><script>alert(1)</script><!--\"'&\u2028";

    private final StackTree tree = new StackTree();

    private static String only(String page, String pattern) {
        Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(page);
        assertTrue(matcher.find(), pattern);
        String found = matcher.group(1);
        assertFalse(matcher.find(), pattern + " is there twice");
        return found;
    }

    @Test
    void thePolicyAllowsItsScriptAndStyleAlone() {
        tree.add(List.of("a"), 1);
        String page = Stacks.html(tree);
        String policy = only(page, "<meta http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\">");
        String script = only(page, "<script>(.*?)</script>");
        String style = only(page, "<style>(.*?)</style>");
        assertEquals(
                "default-src 'none'; script-src '" + HtmlWriter.hash(script) + "'; style-src '" + HtmlWriter.hash(style)
                        + "'; base-uri 'none'; form-action 'none'",
                policy);
        // Nothing that the policy would refuse.
        assertFalse(Pattern.compile("\\s(on\\w+|style|src|href|action)\\s*=\\s*[\"']")
                .matcher(page)
                .find());
    }

    @Test
    void nothingIsElsewhere() {
        tree.add(List.of("a"), 1);
        String page = Stacks.html(tree).toLowerCase(Locale.ROOT).replace("http-equiv", "");
        for (String elsewhere : List.of(
                "http:",
                "https:",
                "://",
                "url(",
                "@import",
                "import(",
                "fetch(",
                "eval(",
                "innerhtml",
                "<link",
                "<img",
                "<iframe",
                "{{")) {
            assertFalse(page.contains(elsewhere), elsewhere);
        }
    }

    @Test
    void noNameTouchesThePage() {
        tree.add(List.of(HOSTILE, "{{facts}}", "$1\\"), 1);
        String page = Stacks.html(tree, new FlameOptions(HOSTILE, HOSTILE, HOSTILE, 0, 0.1, false, false));
        assertFalse(page.contains("alert(1)</script>"));
        assertFalse(page.contains("\u2028"));
        assertEquals(3, page.split("<script", -1).length - 1);
        assertEquals(3, page.split("</script>", -1).length - 1);
        String shown = "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;!--&quot;&#39;&amp;\\xe2\\x80\\xa8";
        assertEquals(shown, only(page, "<title>(.*?)</title>"));
        assertEquals(shown, only(page, "<p>(&lt;.*?)</p>"));
    }

    @Test
    void thePageGivesTheStacksBack() {
        for (String folded : List.of(
                " 3\n",
                "a 9223372036854775807\n",
                "a;b 3\na;b;c 2\na 1\n",
                "a;;b 1\n",
                "a  b;c 1\n",
                "a 2 3\nb 0 1\na;b 7 0\n")) {
            assertEquals(folded, Stacks.folded(Stacks.read(Stacks.html(Stacks.read(folded)))));
        }
        String page = Stacks.html(Stacks.read("a;b 3\n"));
        assertEquals(
                "a;b 3\n", Stacks.folded(Stacks.read(page.replace("\n", "\r\n").replaceFirst("\r\n", "\n"))));
    }

    @Test
    void deepStacksComeBack() {
        String folded = "f;".repeat(StackTree.MAX_DEPTH - 1) + "f 7\n";
        assertEquals(folded, Stacks.folded(Stacks.read(Stacks.html(Stacks.read(folded)))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html></html>",
                "<script type=\"text/plain\" id=\"stacks\">",
                "<script type=\"text/plain\" id=\"stacks\">\n!!!!\n</script>",
                "<script type=\"text/plain\" id=\"stacks\">\nAAAA\n</script>",
                "<script type=\"text/plain\" id=\"stacks\">\neJwDAAAAAAE=\n</script>"
            })
    void otherPagesAreRefused(String rest) {
        assertThrows(JbccException.Failed.class, () -> Stacks.read(HtmlWriter.FIRST_LINE + rest));
    }

    @Test
    void aPageThatIsCutIsRefused() {
        String page = Stacks.html(Stacks.read("a;b;c 3\nd;e 4\n"));
        int start = page.indexOf(HtmlWriter.STACKS_OPEN) + HtmlWriter.STACKS_OPEN.length() + 1;
        int end = page.indexOf("\n</script>", start);
        for (int cut = start; cut < end - 8; cut++) {
            byte[] bytes = page.substring(0, cut).getBytes(StandardCharsets.UTF_8);
            assertThrows(JbccException.Failed.class, () -> Stacks.read(bytes));
        }
    }
}
