package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
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
    void durationsAreRounded() {
        assertThat(StallText.duration(25_400_000)).isEqualTo("25 ms");
        assertThat(StallText.duration(TimeUnit.MILLISECONDS.toNanos(9_999))).isEqualTo("9999 ms");
        assertThat(StallText.duration(TimeUnit.MILLISECONDS.toNanos(12_340))).isEqualTo("12.3 s");
    }

    private static StackTraceElement frame(String type, String method) {
        return new StackTraceElement(type, method, "Source.java", 1);
    }
}
