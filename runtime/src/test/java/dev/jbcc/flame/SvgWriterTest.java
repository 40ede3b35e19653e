// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

final class SvgWriterTest {
    private static final FlameOptions PLAIN = new FlameOptions("Title", "", "samples", 1020, 0.1, false, false);

    private static Document parse(byte[] svg) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(svg));
    }

    /** The rectangles of frames by their tooltips. */
    private static Map<String, Element> frames(Document picture) {
        Map<String, Element> frames = new LinkedHashMap<>();
        var groups = picture.getElementsByTagName("g");
        for (int i = 0; i < groups.getLength(); i++) {
            Element group = (Element) groups.item(i);
            frames.put(group.getElementsByTagName("title").item(0).getTextContent(), (Element)
                    group.getElementsByTagName("rect").item(0));
        }
        return frames;
    }

    private static double number(Element rect, String attribute) {
        return Double.parseDouble(rect.getAttribute(attribute));
    }

    @Test
    void widthsAreShares() throws Exception {
        StackTree tree = Stacks.read("app;main_[j];read_[k] 30\napp;main_[j] 10\nzoo 60\n");
        Map<String, Element> frames = frames(parse(Stacks.svg(tree, PLAIN)));
        assertEquals(
                List.of(
                        "all (100 samples, 100.00 %)",
                        "app (40 samples, 40.00 %)",
                        "main (40 samples, 40.00 %)",
                        "read (30 samples, 30.00 %)",
                        "zoo (60 samples, 60.00 %)"),
                new ArrayList<>(frames.keySet()));
        Element read = frames.get("read (30 samples, 30.00 %)");
        Element all = frames.get("all (100 samples, 100.00 %)");
        Element zoo = frames.get("zoo (60 samples, 60.00 %)");
        assertEquals(300, number(read, "width"), 1);
        assertEquals(10, number(read, "x"), 0.01);
        assertEquals(410, number(zoo, "x"), 0.01);
        assertTrue(number(read, "y") < number(all, "y"), "the root is at the bottom");
        assertEquals(
                Palette.css(Palette.LIGHT.kind(FrameKind.KERNEL, Palette.shade("read_[k]"))),
                read.getAttribute("fill"));
        FlameOptions icicle = new FlameOptions("Title", "", "samples", 1020, 0.1, true, false);
        Map<String, Element> turned = frames(parse(Stacks.svg(tree, icicle)));
        assertTrue(number(turned.get("read (30 samples, 30.00 %)"), "y")
                > number(turned.get("all (100 samples, 100.00 %)"), "y"));
        FlameOptions callers = new FlameOptions("Title", "", "samples", 1020, 0.1, false, true);
        assertTrue(frames(parse(Stacks.svg(tree, callers))).containsKey("main (30 samples, 30.00 %)"));
    }

    @Test
    void narrowFramesAreLeftOutAndCounted() throws Exception {
        StackTree tree = Stacks.read("wide 100000\nnarrow;above;it 5\n");
        String svg = new String(Stacks.svg(tree, PLAIN), StandardCharsets.UTF_8);
        assertFalse(svg.contains("narrow ("));
        assertTrue(svg.contains("100,005 samples; 3 frames too narrow to draw"), svg);
        FlameOptions all = new FlameOptions("Title", "", "samples", 1020, 0, false, false);
        assertEquals(5, frames(parse(Stacks.svg(tree, all))).size());
    }

    @Test
    void hostileNamesAreText() throws Exception {
        String hostile = "</title><script>alert(1)</script>]]>&\"'\u0000\ud800\ufffe";
        StackTree tree = new StackTree();
        tree.add(List.of(hostile), 1);
        byte[] svg = Stacks.svg(tree, new FlameOptions(hostile, hostile, hostile, 3000, 0.1, false, false));
        Document picture = parse(svg);
        assertEquals(0, picture.getElementsByTagName("script").getLength());
        String shown = hostile.replace("\u0000", "\\x00")
                .replace("\ud800", "\\xed\\xa0\\x80")
                .replace("\ufffe", "\\xef\\xbf\\xbe");
        assertTrue(
                frames(picture).containsKey(shown + " (1 " + shown + ", 100.00 %)"),
                frames(picture).keySet()::toString);
        assertFalse(new String(svg, StandardCharsets.UTF_8).contains("<script"));
    }

    @Test
    void labelsAreCutBetweenCharacters() throws Exception {
        StackTree tree = new StackTree();
        tree.add(List.of("\ud83d\ude00".repeat(400)), 1);
        Document picture = parse(Stacks.svg(tree, PLAIN));
        assertTrue(picture.getDocumentElement().getTextContent().contains("\ud83d\ude00…"));
    }

    @Test
    void changesAreColoured() throws Exception {
        StackTree tree = new StackTree();
        tree.add(List.of("more"), 10, 90);
        tree.add(List.of("less"), 90, 10);
        tree.add(List.of("gone"), 50, 0);
        Map<String, Element> frames = frames(parse(Stacks.svg(tree, PLAIN)));
        assertEquals(
                Palette.css(Palette.LIGHT.step(8)),
                frames.get("more (90 samples, 90.00 %; before 10, +80.00 %)").getAttribute("fill"));
        assertEquals(
                Palette.css(Palette.LIGHT.step(0)),
                frames.get("less (10 samples, 10.00 %; before 90, -80.00 %)").getAttribute("fill"));
        assertEquals(3, frames.size());
    }

    @Test
    void deepStacksAndSmallPicturesWork() throws Exception {
        StackTree tree = Stacks.read("f;".repeat(3000) + "f 1\n");
        Document picture = parse(Stacks.svg(tree, new FlameOptions("", "", "", 1, 0.1, false, false)));
        assertEquals(3002, picture.getElementsByTagName("g").getLength());
    }
}
