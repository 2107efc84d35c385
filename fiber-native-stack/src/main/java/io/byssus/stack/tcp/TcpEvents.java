package io.byssus.stack.tcp;

/** What has happened to a connection, as bits. */
public final class TcpEvents {
    /** It is established. */
    public static final int CONNECTED = 1;

    /** There is something to receive: text, the end of the stream, or a failure. */
    public static final int READABLE = 2;

    /** There is room in the send queue, or a failure. */
    public static final int WRITABLE = 4;

    /** The state is CLOSED, or TIME-WAIT, where the application has no part any more. */
    public static final int CLOSED = 8;

    /** The peer has sent urgent data (MUST-32). */
    public static final int URGENT = 16;

    /** Something is wrong that may pass: see {@link TcpConnection#trouble} (MUST-47, SHLD-9). */
    public static final int TROUBLE = 32;

    private TcpEvents() {}
}
