package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.testing.LogRecords;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopHooksTest {
    private final StopHooks hooks = new StopHooks();
    private final List<String> events = new ArrayList<>();

    @Test
    void hooksRunOnceInTheirOrderWithoutThoseTakenBack() {
        hooks.add(() -> events.add("first"));
        Runnable takeBack = hooks.add(() -> events.add("taken back"));
        hooks.add(() -> events.add("last"));
        takeBack.run();

        hooks.run();
        hooks.run();

        assertThat(events).containsExactly("first", "last");
        takeBack.run(); // too late, and harmless
    }

    @Test
    void hookThatComesTooLateRunsAtOnce() {
        hooks.run();
        hooks.add(() -> events.add("late"));
        assertThat(events).containsExactly("late");
    }

    @Test
    void hookThatFailsIsLoggedAndDoesNotKeepTheOthersFromRunning() {
        try (LogRecords records = new LogRecords()) {
            for (RuntimeException failure :
                    List.of(new IllegalStateException("1"), new NullPointerException("2"))) {
                hooks.add(() -> {
                    throw failure;
                });
            }
            hooks.add(() -> {
                throw new AssertionError("3");
            });
            hooks.add(() -> events.add("after them"));

            hooks.run();

            assertThat(events).containsExactly("after them");
            assertThat(records.mentioning("a stop hook failed")).hasSize(3);
        }
    }

    @Test
    void hookMayTakeItselfBackAndAddAnother() {
        Runnable[] takeBack = new Runnable[1];
        takeBack[0] =
                hooks.add(() -> {
                    takeBack[0].run();
                    hooks.add(() -> events.add("another"));
                });
        hooks.run();
        assertThat(events).containsExactly("another");
    }
}
