package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Fiber;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** Writes down when it is asked, while {@link ShardExtensionTest} listens; else it does nothing. */
public final class RecordingExtension implements ShardExtension {
    /** Null while nobody listens. */
    static volatile Queue<String> events;

    /** Says no to runtimes while it is set. */
    static volatile String refusal;

    /** Run for each shard that is disconnected. */
    static volatile Consumer<Shard> onDisconnect = shard -> {};

    /** Made by {@link java.util.ServiceLoader}. */
    public RecordingExtension() {}

    static Queue<String> listen() {
        Queue<String> queue = new ConcurrentLinkedQueue<>();
        events = queue;
        return queue;
    }

    @Override
    public void check(RuntimeOptions options, int shards) {
        if (refusal != null) {
            throw new IllegalArgumentException(refusal);
        }
        add("check");
    }

    @Override
    public void start(Shard shard) {
        add(
                "start "
                        + shard
                        + (Thread.currentThread() == shard.carrier() ? " on its carrier" : ""));
        add("current " + Shard.current());
    }

    @Override
    public void disconnect(Shard shard) {
        add("disconnect " + shard);
        onDisconnect.accept(shard);
    }

    @Override
    public void stop(Shard shard) {
        add("stop " + shard + " with " + Fiber.liveOn(shard.reactor()).size() + " fibers");
    }

    private static void add(String event) {
        Queue<String> queue = events;
        if (queue != null) {
            queue.add(event);
        }
    }
}
