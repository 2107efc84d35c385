package io.byssus.runtime.diagnostics;

import io.byssus.runtime.fiber.Awaited;
import java.util.ArrayList;
import java.util.List;

/** A lock of sorts, for tests: its holders are who the test says they are. */
final class TestAwaited implements Awaited {
    final List<Thread> holders = new ArrayList<>();
    private final String text;

    /**
     * @param text null for one that fails when it is looked at
     */
    TestAwaited(String text) {
        this.text = text;
    }

    @Override
    public List<Thread> holders() {
        if (text == null) {
            throw new IllegalStateException("it changes");
        }
        return holders;
    }

    @Override
    public String toString() {
        if (text == null) {
            throw new IllegalStateException("it changes");
        }
        return text;
    }
}
