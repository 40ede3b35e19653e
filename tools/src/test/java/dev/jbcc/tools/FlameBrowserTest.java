// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.flame.FlameOptions;
import dev.jbcc.flame.HtmlWriter;
import dev.jbcc.flame.StackReader;
import dev.jbcc.flame.StackTree;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page of a flame graph in a real browser: what it shows is what was counted, and it does nothing else. */
final class FlameBrowserTest {
    private static final String HOSTILE = "</script><script>window.pwned=1</script>";
    private static final String STACKS = """
            app;main_[j];work_[j];workload_[k] 30
            app;main_[j];work_[j] 20
            app;main_[j];idle 10
            app;<img src=x onerror=window.pwned=1>;HOSTILE 25
            other;work_[j];main_[j] 15
            """.replace("HOSTILE", HOSTILE);

    private static Chromium browser;
    private Path page;

    @BeforeAll
    static void start() throws IOException {
        browser = Chromium.start();
    }

    @AfterAll
    static void end() {
        if (browser != null) {
            browser.close();
        }
    }

    private void open(StackTree tree, FlameOptions options, String fragment) throws IOException {
        page = Scratch.fresh("flame").resolveSibling("flame-" + System.nanoTime() + ".html");
        try (OutputStream out = Files.newOutputStream(page)) {
            HtmlWriter.write(tree, options, out);
        }
        browser.size(1200, 700, 1);
        browser.systemTheme("light");
        browser.open(page, fragment);
    }

    private void open(String folded) throws IOException {
        open(tree(folded), FlameOptions.titled("A title"), "");
    }

    private static StackTree tree(String folded) throws IOException {
        StackTree tree = new StackTree();
        new StackReader(tree)
                .read(new ByteArrayInputStream(folded.getBytes(StandardCharsets.UTF_8)), StackReader.Side.BOTH);
        return tree;
    }

    /** Whatever a test did, the page asked for nothing, and nothing went wrong in it. */
    @AfterEach
    void itWasQuiet() {
        assertEquals(List.of(), browser.complaints());
        List<String> requests = new ArrayList<>(browser.requests());
        requests.removeIf(url -> page != null && url.startsWith(page.toUri().toString()));
        assertEquals(List.of(), requests);
    }

    /** An expression for the first frame of that name in the tree that is shown. */
    private static String frame(String name) {
        return "(() => { for (let f = 1; f < graph.tree.size; f++) if (stacks.names[graph.tree.name[f]] === '" + name
                + "') return f; return -1; })()";
    }

    private void click(String name) {
        String place = "graph.placeOf(" + frame(name) + ")";
        browser.click(browser.number(place + ".x"), browser.number(place + ".y"));
    }

    private static String details() {
        return browser.text("element('name').textContent + ' | ' + element('numbers').textContent");
    }

    @Test
    void showsWhatWasCounted() throws IOException {
        open(STACKS);
        assertEquals("A title", browser.text("document.title"));
        assertEquals("A title", browser.text("document.querySelector('h1').textContent"));
        assertEquals("all | 100 samples, 100.00 % of all", details());
        assertEquals(
                "[\"process\",\"kernel 30.00 %\",\"Java 35.00 %\",\"native 35.00 %\"]",
                browser.evaluate("[...document.querySelectorAll('#keys span')].map(e => e.textContent)")
                        .toString());
        String place = "graph.placeOf(" + frame("work_[j]") + ")";
        browser.move(browser.number(place + ".x"), browser.number(place + ".y"));
        browser.awaitTrue("!element('tip').hidden");
        String numbers = "50 samples, 50.00 % of all, 83.33 % of its caller";
        assertEquals("work", browser.text("element('tipname').textContent"));
        assertEquals("Java\n" + numbers + "\n20 in itself, 20.00 %", browser.text("element('tipnumbers').textContent"));
        assertEquals("work | Java · " + numbers + " · 20 in itself, 20.00 %", details());
    }

    @Test
    void aMatchInsideOfAnotherCountsOnce() throws IOException {
        open(STACKS);
        browser.evaluate("graph.box.focus()");
        browser.key("/");
        browser.type("work");
        browser.awaitTrue("element('matched').textContent !== ''");
        assertEquals("matched 65.00 %; 2 in view", browser.text("element('matched').textContent"));
        browser.key("Enter", "\r");
        assertEquals("matched 65.00 %; 1 of 2", browser.text("element('matched').textContent"));
        browser.key("F3", "");
        assertEquals("matched 65.00 %; 2 of 2", browser.text("element('matched').textContent"));
        assertEquals(
                15,
                browser.number("graph.tree.total[graph.selected]"),
                "the second match is that of the other process");
        // Letters are letters, and only a pattern when asked for; capitals are meant.
        assertEquals("matched 0.00 %; 0 in view", search("w.rk"));
        assertEquals("matched 0.00 %; 0 in view", search("Work"));
        browser.evaluate("element('regex').click()");
        assertEquals("matched 65.00 %; 2 in view", search("w.rk(load)?$"));
        assertEquals("not a regular expression", search("("));
        browser.key("Escape", "");
        assertEquals("", browser.text("element('matched').textContent"));
    }

    private static String search(String text) {
        browser.evaluate("element('search').value = ''");
        browser.evaluate("element('search').focus()");
        browser.type(text);
        return browser.text("element('matched').textContent");
    }

    @Test
    void zoomsByClickAndByKey() throws IOException {
        open(STACKS);
        click("main_[j]");
        browser.awaitTrue("state.zoom > 0");
        assertEquals(
                "main | Java · 60 samples, 60.00 % of all, 70.59 % of its caller · 0 in itself, 0.00 %", details());
        assertEquals(
                browser.number("graph.width"), browser.number("graph.placeOf(" + frame("main_[j]") + ").width"), 0.01);
        assertEquals("matched 65.00 % of all, 83.33 % of this; 1 in view", search("work"));
        browser.key("Escape", "");
        assertEquals(1, browser.number("state.zoom === " + frame("main_[j]") + " ? 1 : 0"), "the search goes first");
        browser.key("Backspace", "");
        assertEquals(1, browser.number("state.zoom === " + frame("app") + " ? 1 : 0"));
        browser.key("Escape", "");
        assertEquals(0, browser.number("state.zoom"));
        // From the root to the widest child, and so on, then to the neighbour.
        browser.evaluate("graph.selected = -1");
        for (String key : List.of("ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp")) {
            browser.key(key, "");
        }
        assertTrue(details().startsWith("work | "), details());
        browser.key("ArrowLeft", "");
        assertTrue(details().startsWith("idle | "), details());
        browser.key("ArrowDown", "");
        browser.key("Enter", "\r");
        assertEquals(1, browser.number("state.zoom === " + frame("main_[j]") + " ? 1 : 0"));
        browser.evaluate("window.history.back()");
        browser.awaitTrue("state.zoom === 0");
    }

    @Test
    void turnsStacksUpsideDown() throws IOException {
        open(STACKS);
        browser.key("v");
        browser.awaitTrue("state.callers");
        assertEquals(
                "[[\"" + HOSTILE + "\",25],[\"idle\",10],[\"main_[j]\",15],[\"work_[j]\",20],[\"workload_[k]\",30]]",
                browser.text("JSON.stringify(graph.layout.rows[1].frames.map("
                        + "f => [stacks.names[graph.tree.name[f]], graph.tree.total[f]]))"));
        // Every stack is 100 % of itself up to its process.
        assertEquals(100, browser.number("graph.tree.total[0]"));
        assertEquals(
                "[\"work_[j]\",\"main_[j]\",\"app\"]",
                browser.text("JSON.stringify((() => { const names = []; let f = " + frame("workload_[k]")
                        + "; while ((f = graph.tree.first(f)) >= 0) names.push(stacks.names[graph.tree.name[f]]);"
                        + " return names; })())"));
        assertEquals("matched 65.00 %; 3 in view", search("work"));
        browser.key("Escape", "");
        click("workload_[k]");
        assertEquals("workload | kernel · 30 samples, 30.00 % of all", details());
        browser.reload();
        assertEquals("workload | kernel · 30 samples, 30.00 % of all", details());
    }

    @Test
    void theRootIsAtTheBottomOrAtTheTop() throws IOException {
        open(STACKS);
        double bottom = browser.number("graph.placeOf(0).y");
        browser.key("i");
        double top = browser.number("graph.placeOf(0).y");
        assertTrue(top < bottom, top + " " + bottom);
        assertTrue(browser.number("graph.placeOf(" + frame("app") + ").y") > top);
    }

    @Test
    void theAddressKeepsTheView() throws IOException {
        open(STACKS);
        click("main_[j]");
        browser.evaluate("toggle('icicle')");
        browser.evaluate("toggle('theme')");
        search("idle");
        String state = browser.text("JSON.stringify(state)");
        String matched = browser.text("element('matched').textContent");
        assertTrue(state.contains("\"search\":\"idle\"") && state.contains("\"theme\":\"dark\""), state);
        browser.reload();
        assertEquals(state, browser.text("JSON.stringify(state)"));
        assertEquals(matched, browser.text("element('matched').textContent"));
        assertEquals("idle", browser.text("element('search').value"));
        // What makes no sense there is left out.
        browser.open(page, "zoom=99999999&theme=%3Cb%3E&callers=7&search=%00&regex=1&nothing");
        assertEquals(0, browser.number("state.zoom"));
        assertEquals("", browser.text("state.theme"));
    }

    @Test
    void isDarkWhenTheSystemIsOrWhenAsked() throws IOException {
        open(STACKS);
        String page = "getComputedStyle(document.body).backgroundColor";
        assertEquals("rgb(255, 255, 255)", browser.text(page));
        int lightFrame = colourOf("idle");
        browser.systemTheme("dark");
        browser.awaitTrue("document.documentElement.dataset.theme === 'dark'");
        assertNotEquals("rgb(255, 255, 255)", browser.text(page));
        assertNotEquals(lightFrame, colourOf("idle"));
        browser.key("d");
        browser.awaitTrue("document.documentElement.dataset.theme === 'light'");
        assertEquals(lightFrame, colourOf("idle"));
    }

    /** The pixel below the middle of a frame's name. */
    private static int colourOf(String name) throws IOException {
        String place = "graph.placeOf(" + frame(name) + ")";
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(browser.picture()));
        return picture.getRGB((int) browser.number(place + ".x"), (int) browser.number(place + ".y") + 7);
    }

    @Test
    void hostileNamesAreTextAndNothingElse() throws IOException {
        List<String> names = new ArrayList<>(List.of(
                HOSTILE,
                "<!--<script>",
                "]]>",
                "{{facts}}",
                "${1}`'\"\\",
                "&lt;b&gt;",
                "\u2028\u2029",
                "a\u0000b",
                "\ud800",
                "\u202egpj.exe",
                "__proto__",
                "constructor",
                "%s%n",
                "日本語の関数",
                "a".repeat(5000)));
        StackTree tree = new StackTree();
        for (String name : names) {
            tree.add(List.of("app", name, "x"), 10);
        }
        open(tree, new FlameOptions(HOSTILE, "<b>" + HOSTILE, "<i>s</i>", 0, 0.1, false, false), "");
        assertEquals(HOSTILE, browser.text("document.title"));
        assertEquals("<b>" + HOSTILE, browser.text("document.querySelector('#titles p').textContent"));
        assertEquals("all | 150 <i>s</i>, 100.00 % of all", details());
        List<String> shown = new ArrayList<>();
        browser.evaluate("stacks.names").getAsJsonArray().forEach(name -> shown.add(name.getAsString()));
        for (String name : names) {
            String clean = name.replace(';', ':')
                    .replace("\u2028\u2029", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9")
                    .replace("\u0000", "\\x00")
                    .replace("\ud800", "\\xed\\xa0\\x80")
                    .replace("\u202e", "\\xe2\\x80\\xae");
            assertTrue(shown.contains(clean), clean);
        }
        for (int i = 0; i < names.size(); i++) {
            browser.evaluate("select(graph.layout.rows[2].frames[" + i + "])");
            String name = browser.text("element('name').textContent");
            assertTrue(shown.contains(name), name);
        }
        assertEquals(15, browser.number("graph.layout.rows[2].frames.length"));
        assertEquals("undefined", browser.text("typeof window.pwned"));
        assertEquals(0, browser.number("document.querySelectorAll('img, #titles b, #details i').length"));
        assertEquals(
                3, browser.number("document.querySelectorAll('script').length + 1"), "one was removed by the page");
    }

    @Test
    void thePolicyHoldsEvenAgainstAScriptThatGotIn() throws IOException {
        open(STACKS);
        browser.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.pwned=1\">')");
        browser.evaluate(
                "document.body.append(Object.assign(document.createElement('script'), {text: 'window.pwned=2'}))");
        assertEquals("undefined", browser.text("typeof window.pwned"));
        assertEquals("Failed to fetch", browser.text("fetch('http://127.0.0.1:9/').catch(e => e.message)"));
        Await.until(() -> !browser.complaints().isEmpty(), () -> "the browser tells what it refused");
        browser.forget(); // what this test provoked
    }

    @Test
    void aComparisonShowsWhatChanged() throws IOException {
        StackTree tree = new StackTree();
        tree.add(List.of("app", "slower"), 10, 40);
        tree.add(List.of("app", "faster"), 60, 20);
        tree.add(List.of("app", "same"), 30, 30);
        tree.add(List.of("app", "new"), 0, 10);
        tree.add(List.of("app", "gone"), 100, 0);
        open(tree, FlameOptions.titled("Before → after"), "");
        browser.evaluate("select(" + frame("slower") + ")");
        assertEquals(
                "slower | native · 40 samples, 40.00 % of all, 40.00 % of its caller"
                        + " · before 10, 5.00 %; change +30, +30.00 % of all",
                details());
        browser.evaluate("select(" + frame("new") + ")");
        assertTrue(details().endsWith("; new"), details());
        assertEquals(4, browser.number("colours.step(30, 30)"));
        assertEquals(8, browser.number("colours.step(10, 40)"));
        assertEquals(1, browser.number("colours.step(60, 20)"));
        assertEquals(0, browser.number("graph.layout.find(graph.tree, " + frame("gone") + ") === null ? 0 : 1"));
        browser.key("b");
        browser.awaitTrue("state.before");
        assertEquals(
                browser.number("graph.width") / 2, browser.number("graph.placeOf(" + frame("gone") + ").width"), 0.01);
        browser.evaluate("select(" + frame("gone") + ")");
        assertTrue(details().endsWith("; gone"), details());
        browser.key("v");
        browser.awaitTrue("state.callers");
        assertEquals(200, browser.number("graph.tree.before[0]"));
    }

    @Test
    void deepAndNarrowStacksAreDrawnAsFarAsTheyCanBeSeen() throws IOException {
        List<String> deep = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            deep.add("recursion");
        }
        StackTree tree = new StackTree();
        tree.add(deep, 100_000);
        for (int i = 0; i < 500; i++) {
            tree.add(List.of("recursion", "narrow" + i, "above"), 1);
        }
        open(tree, FlameOptions.titled("Deep"), "");
        assertEquals(5001, browser.number("graph.layout.rows.length"));
        assertEquals(1000, browser.number("graph.layout.narrow"));
        assertTrue(details().endsWith(" · 1,000 frames too narrow to draw"), details());
        browser.key("v");
        browser.awaitTrue("state.callers");
        assertEquals(5001, browser.number("graph.layout.rows.length"));
        // A name has the same shade as in a picture.
        for (String name : List.of("recursion", "narrow7", "日本", "a\\\\b")) {
            String text = name.replace("\\\\", "\\");
            assertEquals(
                    Math.floorMod(text.hashCode() >> 3, 3),
                    browser.number("(() => { stacks.names.push('" + name + "'); const c = new Colours(facts, stacks);"
                            + " return c.shade(stacks.names.length - 1); })()"));
        }
    }

    @Test
    void fitsSmallWindowsAndSharpScreens() throws IOException {
        open(STACKS);
        browser.size(800, 500, 2);
        browser.awaitTrue("graph.canvas.width === Math.round(graph.width * 2) && graph.width < 800");
        assertEquals(browser.number("graph.width"), browser.number("graph.placeOf(0).width"), 0.01);
        assertEquals(0, browser.number("Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
        assertEquals(0, browser.number("Math.max(0, document.documentElement.scrollHeight - innerHeight)"));
        browser.key("?");
        browser.awaitTrue("element('manual').open");
        browser.key("Escape", "");
        browser.awaitTrue("!element('manual').open");
    }
}
