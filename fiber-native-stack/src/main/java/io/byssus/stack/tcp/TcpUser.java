package io.byssus.stack.tcp;

/** Who uses a connection, and is told what happens to it. */
@FunctionalInterface
public interface TcpUser {
    /**
     * Called on the shard while segments are being taken in, so it must not park and must not send:
     * it wakes those who do.
     *
     * @param events {@link TcpEvents}
     */
    void onEvents(int events);
}
