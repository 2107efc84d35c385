package io.byssus.stack;

import io.byssus.runtime.memory.Home;

/** The home of pools in tests without shards: all is on the caller's thread. */
public final class Here implements Home {
    public Here() {}

    @Override
    public boolean isCurrent() {
        return true;
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }
}
