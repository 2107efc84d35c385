package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.wire.TcpHeader;
import java.util.concurrent.TimeUnit;

/** The other end of one connection of an {@link AttackedHost}, written by hand. */
final class RawPeer {
    final AttackedHost host;
    final int address;
    final int port;

    /** Of the next byte that this end sends, and that it expects. */
    int next;

    int expected;

    private byte[] synOptions = {};
    private int window = 0xffff;

    RawPeer(AttackedHost host, int address, int port, int initialSequence) {
        this.host = host;
        this.address = address;
        this.port = port;
        this.next = initialSequence;
    }

    RawPeer synOptions(byte... options) {
        synOptions = options.clone();
        return this;
    }

    RawPeer window(int bytes) {
        window = bytes;
        return this;
    }

    CraftedSegment segment(int flags) {
        return CraftedSegment.between(address, port, AttackedHost.ADDRESS, AttackedHost.PORT)
                .flags(flags)
                .sequence(next)
                .acknowledgment(expected)
                .window(window);
    }

    /** Sends a SYN, and takes the answer; null if there is none. */
    SentSegment open() {
        host.sent.clear();
        host.deliver(segment(TcpHeader.SYN).acknowledgment(0).options(synOptions));
        SentSegment answer = mine();
        if (answer != null) {
            expected = answer.sequence() + 1;
            next = answer.acknowledgment();
        }
        return answer;
    }

    /** The last segment that was sent to this end. */
    SentSegment mine() {
        SentSegment last = null;
        for (SentSegment segment : host.sent) {
            if (segment.destination() == address && segment.destinationPort() == port) {
                last = segment;
            }
        }
        return last;
    }

    /** Opens a connection wholly. */
    TcpConnection connect(TcpListener listener) {
        SentSegment answer = open();
        assertThat(answer).as("an answer to the SYN").isNotNull();
        assertThat(answer.flags() & (TcpHeader.SYN | TcpHeader.ACK | TcpHeader.RST))
                .isEqualTo(TcpHeader.SYN | TcpHeader.ACK);
        host.deliver(segment(TcpHeader.ACK));
        host.sent.clear();
        return host.accepted(listener);
    }

    /** Sends text in order. */
    void send(byte... text) {
        CraftedSegment segment = segment(TcpHeader.ACK | TcpHeader.PSH).text(text);
        next += text.length;
        host.deliver(segment);
    }

    /** The application writes {@code length} bytes, and all of them arrive here, in a minute. */
    void assertServed(TcpConnection connection, int length) {
        int written = 0;
        int received = 0;
        long deadline = host.now + TimeUnit.SECONDS.toNanos(60);
        while (received < length) {
            assertThat(host.now).as("received %d", received).isLessThan(deadline);
            assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
            int space = Math.min(connection.sendSpace(), length - written);
            if (space > 0) {
                Buffer text = host.pool.allocate(space);
                for (int i = 0; i < space; i++) {
                    text.put(i, (byte) (written + i));
                }
                connection.send(text);
                written += space;
            }
            host.settle();
            for (SentSegment segment : host.takeSent()) {
                if (segment.destination() == address && segment.sequence() == expected) {
                    for (byte b : segment.text()) {
                        assertThat(b).isEqualTo((byte) received++);
                    }
                    expected = segment.end();
                }
            }
            host.deliver(segment(TcpHeader.ACK));
            host.pass(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}
