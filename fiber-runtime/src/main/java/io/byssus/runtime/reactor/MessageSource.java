package io.byssus.runtime.reactor;

/**
 * Messages from other shards, drained once per turn.
 *
 * <p><b>Ownership:</b> confined to the receiving shard.
 */
public interface MessageSource {
    /**
     * Handles waiting messages, up to a bound of its own.
     *
     * @return how many
     */
    int drain();

    /**
     * Called when the tasks of a turn have run, which may have sent messages: tells those other
     * shards that may be asleep and cannot be told more cheaply.
     */
    default void publish() {}

    /** Whether nothing waits; the last look before the shard sleeps. */
    boolean isEmpty();
}
