package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StallTextTest {
    private static final Holder FIBER = new Holder("fiber 'f'", "f", "main", new Thread());

    @Test
    void framesBelowTheFibersCodeAreLeftOut() {
        StackTraceElement[] stack = {
            frame("app.Handler", "handle"),
            frame("java.lang.Thread", "onSpinWait"),
            frame("app.Server", "loop"),
            frame("io.byssus.runtime.fiber.FiberContext", "call"),
            frame("io.byssus.runtime.shard.Shards", "lambda$start$1"),
            frame("io.byssus.runtime.fiber.Fiber", "run"),
            frame("java.lang.VirtualThread", "run"),
            frame("jdk.internal.vm.Continuation", "enter")
        };
        assertThat(StallText.lines(stack))
                .isEqualTo(
                        "\n    at app.Handler.handle(Source.java:1)"
                                + "\n    at java.lang.Thread.onSpinWait(Source.java:1)"
                                + "\n    at app.Server.loop(Source.java:1)");
    }

    @Test
    void stackOfNothingElseIsShownWhole() {
        StackTraceElement[] stack = {frame("java.lang.VirtualThread", "run")};
        assertThat(StallText.lines(stack)).contains("VirtualThread.run");
        assertThat(StallText.lines(new StackTraceElement[0])).isEmpty();
    }

    @Test
    void longStackIsCutAtItsBottom() {
        StackTraceElement[] stack =
                Collections.nCopies(100, frame("app.Parser", "descend"))
                        .toArray(StackTraceElement[]::new);
        assertThat(StallText.lines(stack).strip().lines())
                .hasSize(65)
                .last()
                .isEqualTo("    ... 36 more");
    }

    @Test
    void nativeCallIsForBlockingCallOnly() {
        StackTraceElement read = new StackTraceElement("app.File", "read0", "File.java", -2);
        assertThat(StallText.advice(FIBER, StallKind.BLOCKED, new StackTraceElement[] {read}))
                .isEqualTo("Blocking.call would let others run");
    }

    @Test
    void computingIsForYieldingOrForBlockingCall() {
        StackTraceElement[] stack = {frame("app.Primes", "isPrime")};
        assertThat(StallText.advice(FIBER, StallKind.ON_CPU, stack))
                .isEqualTo(
                        "Fiber.yieldIfNeeded() in its loop, or Blocking.call, would let others"
                                + " run");
    }

    @Test
    void whereBlockingCallDoesNotHelpItIsNotMentioned() {
        StackTraceElement[] initialises = {
            frame("java.util.HashMap", "put"),
            frame("app.Tables", "<clinit>"),
            frame("app.Outer", "<clinit>"),
            frame("app.Server", "loop")
        };
        StackTraceElement[] loads = {
            frame("java.util.zip.Inflater", "inflate"),
            frame("jdk.internal.loader.BuiltinClassLoader", "loadClass"),
            frame("java.lang.ClassLoader", "loadClass"),
            frame("app.Outer", "<clinit>")
        };
        StackTraceElement[] links = {
            frame("java.lang.invoke.LambdaMetafactory", "metafactory"),
            frame("java.lang.invoke.MethodHandleNatives", "linkCallSite"),
            frame("app.Server", "loop")
        };
        Holder task = new Holder("a task of the runtime (app.Callback)", "", "main", null);
        for (StallKind kind : List.of(StallKind.ON_CPU, StallKind.BLOCKED)) {
            assertThat(StallText.advice(FIBER, kind, initialises))
                    .isEqualTo(
                            "it initialises app.Tables: load that class when the program starts,"
                                    + " with Class.forName");
            assertThat(StallText.advice(FIBER, kind, loads))
                    .isEqualTo(
                            "it loads classes: load them when the program starts, with"
                                    + " Class.forName");
            assertThat(StallText.advice(FIBER, kind, links))
                    .isEqualTo(
                            "it links code that is new to the JVM: run that once when the program"
                                    + " starts");
            assertThat(StallText.advice(task, kind, new StackTraceElement[0]))
                    .isEqualTo(
                            "this is the shard's own thread: what takes long belongs into a"
                                    + " fiber");
        }
    }

    @Test
    void durationsAreRounded() {
        assertThat(StallText.duration(25_400_000)).isEqualTo("25 ms");
        assertThat(StallText.duration(TimeUnit.MILLISECONDS.toNanos(9_999))).isEqualTo("9999 ms");
        assertThat(StallText.duration(TimeUnit.MILLISECONDS.toNanos(12_340))).isEqualTo("12.3 s");
    }

    private static StackTraceElement frame(String type, String method) {
        return new StackTraceElement(type, method, "Source.java", 1);
    }
}
