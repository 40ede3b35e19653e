// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * One page in a headless Chromium, driven by the DevTools protocol. It records what the page asks the network for and what
 * goes wrong in it. {@link #close} ends the browser.
 */
final class Chromium implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final Gson GSON = new Gson();

    private final Process process;
    private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private HttpClient client;
    private WebSocket socket;
    private String session;
    private int calls;

    private Chromium(Process process) {
        this.process = process;
    }

    /** Starts one, or skips the test where there is none that runs. */
    static Chromium start() throws IOException {
        Path profile = Scratch.directory("chromium");
        Path log = Scratch.fresh("chromium-log");
        Process process = new ProcessBuilder(
                        binary(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--user-data-dir=" + profile,
                        "--remote-debugging-port=0",
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Chromium chromium = new Chromium(process);
        try {
            // Its two lines, the port and a path, are written when the browser listens.
            Path portFile = profile.resolve("DevToolsActivePort");
            Await.until(
                    () -> lines(portFile).size() == 2 || !process.isAlive(), () -> "chromium listens: " + lines(log));
            Assumptions.assumeTrue(process.isAlive(), () -> "this chromium does not run: " + lines(log));
            chromium.connect(lines(portFile));
            return chromium;
        } catch (RuntimeException | Error failure) {
            chromium.close();
            throw failure;
        }
    }

    private static String binary() {
        for (String name : NAMES) {
            for (String directory : System.getenv("PATH").split(":")) {
                Path file = Path.of(directory, name);
                if (Files.isExecutable(file)) {
                    return file.toString();
                }
            }
        }
        return Assumptions.abort("no chromium on PATH: apt-get install chromium");
    }

    private void connect(List<String> address) {
        client = HttpClient.newHttpClient();
        socket = client.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + address.get(0) + address.get(1)), new Listener())
                .join();
        JsonObject made = call("Target.createTarget", Map.of("url", "about:blank"));
        JsonObject attached = call(
                "Target.attachToTarget", Map.of("targetId", made.get("targetId").getAsString(), "flatten", true));
        session = attached.get("sessionId").getAsString();
        for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
            call(domain + ".enable", Map.of());
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                take(JsonParser.parseString(message.toString()).getAsJsonObject());
                message.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private void take(JsonObject message) {
        if (message.has("id")) {
            answers.remove(message.get("id").getAsInt()).complete(message);
            return;
        }
        JsonObject facts = message.getAsJsonObject("params");
        switch (message.get("method").getAsString()) {
            case "Network.requestWillBeSent" ->
                requests.add(facts.getAsJsonObject("request").get("url").getAsString());
            case "Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled" ->
                complaints.add(facts.toString());
            default -> {}
        }
    }

    private synchronized JsonObject call(String method, Map<String, ?> arguments) {
        int id = ++calls;
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        answers.put(id, answer);
        JsonObject message = new JsonObject();
        message.addProperty("id", id);
        message.addProperty("method", method);
        message.add("params", GSON.toJsonTree(arguments));
        if (session != null) {
            message.addProperty("sessionId", session);
        }
        socket.sendText(message.toString(), true).join();
        JsonObject got;
        try {
            got = answer.get(Await.LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("no answer to " + message, e);
        }
        assertTrue(got.has("result"), () -> message + ": " + got);
        return got.getAsJsonObject("result");
    }

    /** Gives the window a size. */
    void size(int width, int height, double scale) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", scale, "mobile", false));
    }

    /** Makes the system that the browser runs on look dark or light. */
    void systemTheme(String theme) {
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", theme))));
    }

    /** Loads a file as a new page, and waits until it has drawn. */
    void open(Path file, String fragment) {
        forget();
        call("Page.navigate", Map.of("url", file.toUri() + (fragment.isEmpty() ? "" : "#" + fragment)));
        awaitTrue("typeof graph !== 'undefined' && graph !== null && graph.drawn > 0");
    }

    void reload() {
        evaluate("void (graph.drawn = 0)");
        call("Page.reload", Map.of());
        awaitTrue("typeof graph !== 'undefined' && graph !== null && graph.drawn > 0");
    }

    /** Waits until an expression is true; one that cannot be evaluated yet is not. */
    void awaitTrue(String expression) {
        Await.until(() -> isTrue(expression), () -> expression + "; " + complaints);
    }

    private boolean isTrue(String expression) {
        JsonObject got = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        JsonElement value = got.getAsJsonObject("result").get("value");
        return !got.has("exceptionDetails") && value != null && value.getAsBoolean();
    }

    /** The value of an expression, through JSON. */
    JsonElement evaluate(String expression) {
        JsonObject got =
                call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        assertTrue(!got.has("exceptionDetails"), () -> expression + ": " + got);
        JsonElement value = got.getAsJsonObject("result").get("value");
        return value == null ? JsonNull.INSTANCE : value;
    }

    String text(String expression) {
        return evaluate(expression).getAsString();
    }

    double number(String expression) {
        return evaluate(expression).getAsDouble();
    }

    /** Presses and releases a key, with the text that it types, if any. */
    void key(String key, String typed) {
        Map<String, Object> down = new HashMap<>(Map.of("type", "keyDown", "key", key));
        if (!typed.isEmpty()) {
            down.put("text", typed);
        }
        if (key.equals("Escape")) {
            down.put("windowsVirtualKeyCode", 27); // else it closes no dialog
        }
        call("Input.dispatchKeyEvent", down);
        call("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key));
    }

    /** Types a letter. */
    void key(String letter) {
        key(letter, letter);
    }

    void type(String text) {
        call("Input.insertText", Map.of("text", text));
    }

    void click(double x, double y) {
        move(x, y);
        for (String type : List.of("mousePressed", "mouseReleased")) {
            call("Input.dispatchMouseEvent", Map.of("type", type, "x", x, "y", y, "button", "left", "clickCount", 1));
        }
    }

    void move(double x, double y) {
        call("Input.dispatchMouseEvent", Map.of("type", "mouseMoved", "x", x, "y", y));
    }

    /** What the window looks like, as PNG. */
    byte[] picture() {
        return Base64.getDecoder()
                .decode(call("Page.captureScreenshot", Map.of("format", "png"))
                        .get("data")
                        .getAsString());
    }

    /** What was asked for since {@link #forget}. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** Exceptions, messages on the console, and violations of the policy since {@link #forget}. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** Forgets what was recorded so far. */
    void forget() {
        call("Page.navigate", Map.of("url", "about:blank"));
        awaitTrue("location.href === 'about:blank'");
        requests.clear();
        complaints.clear();
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.abort();
        }
        if (client != null) {
            client.shutdownNow();
        }
        // Its children end with it, but not at once.
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
