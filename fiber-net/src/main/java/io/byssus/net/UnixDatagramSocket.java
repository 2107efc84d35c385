package io.byssus.net;

import io.byssus.net.spi.DatagramAddress;
import io.byssus.net.spi.StackDatagrams;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;

/**
 * A {@link DatagramSocket} between programs of one host (unix(7)). It differs from UDP:
 *
 * <ul>
 *   <li>Nothing is lost on the way, and the order stays. A connected socket waits while its peer's
 *       queue is full, which holds some ten datagrams.
 *   <li>A socket that is not connected does not wait, so that no receiver that is slow, or means
 *       harm, keeps the others waiting: what finds a full queue is dropped and counted, and {@link
 *       #flush} reports it.
 *   <li>A connected socket whose peer is gone reports {@link java.net.ConnectException} once and
 *       does not come to life again when the peer does: connect a new one.
 *   <li>A sender may have no name; then there is no answering it, and what is sent to it is dropped
 *       and counted.
 * </ul>
 *
 * <p>{@link #localAddress} and {@link #remoteAddress} are as {@link
 * UnixAddress#toInetSocketAddress} says.
 *
 * <p><b>Ownership:</b> confined to its shard. One fiber at a time receives; any number send.
 */
public final class UnixDatagramSocket extends DatagramSocket {
    /** What {@link #send(Buffer, UnixAddress)} was given last, and as the stack has it. */
    private UnixAddress given;

    private final DatagramAddress destination = new DatagramAddress();

    UnixDatagramSocket(StackDatagrams stack) {
        super(stack);
    }

    /**
     * Sends {@code payload}, which belongs to the socket from now on, even if this throws.
     *
     * @throws IllegalStateException if the socket is connected
     * @throws IllegalArgumentException if {@code payload} is longer than {@link
     *     DatagramOptions#PAYLOAD_BYTES_LIMIT}
     */
    public void send(Buffer payload, UnixAddress to) throws IOException {
        if (!to.equals(given)) {
            boolean isName = false;
            try {
                destination.setUnix(to.raw());
                isName = true;
            } finally {
                if (!isName) {
                    payload.close();
                }
            }
            given = to;
        }
        sendTo(payload, destination);
    }
}
