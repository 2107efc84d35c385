package io.byssus.net.dns;

import io.byssus.net.ConnectOptions;
import io.byssus.net.Connection;
import io.byssus.net.DatagramOptions;
import io.byssus.net.FrameFormat;
import io.byssus.net.FrameReader;
import io.byssus.net.FrameWriter;
import io.byssus.net.Network;
import io.byssus.net.UdpSocket;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;

/**
 * One try to have a question answered by one server. Each datagram goes out from a socket of its
 * own, connected, so that the kernel picks another source port every time and lets the server alone
 * answer (RFC 5452). What is no answer is ignored; when there is much of it, somebody guesses, and
 * the question is asked again over TCP, as it is when an answer was too long (RFC 7766) or the
 * server does not keep the letters' case.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Exchange {
    /** Each is a guess at one of 65,536 ids; nobody but a guesser sends so many. */
    private static final int STRANGERS_MAX = 32;

    private static final int MESSAGE_BYTES_MAX = 65_535;
    private static final FrameFormat FRAMES =
            FrameFormat.bigEndian(Short.BYTES, MESSAGE_BYTES_MAX); // RFC 1035, 4.2.2
    private static final DatagramOptions DATAGRAMS =
            DatagramOptions.defaults().withPayloadBytesMax(Query.UDP_PAYLOAD_BYTES).withBatch(1);

    private final RandomGenerator random;

    /** Whether the stack has no UDP. */
    private boolean lacksUdp;

    long queries;
    long overTcp;
    long strangers;

    Exchange(RandomGenerator random) {
        this.random = random;
    }

    /**
     * The server's answer; parks.
     *
     * @param overTcp whether the question is to go over TCP in any case
     * @throws java.net.SocketTimeoutException if there is none within {@code timeout}
     * @throws IOException if there can be none, or it is malformed
     */
    Message ask(InetSocketAddress server, Question question, boolean overTcp, Duration timeout)
            throws IOException {
        Deadline deadline = Deadline.after(timeout);
        Message answer = ask(server, question, overTcp, true, deadline);
        int rcode = answer.getHeader().getRcode();
        if (rcode == Rcode.FORMERR || rcode == Rcode.NOTIMP) {
            return ask(server, question, overTcp, false, deadline); // RFC 6891, 6.2.2
        }
        return answer;
    }

    private Message ask(
            InetSocketAddress server,
            Question question,
            boolean overTcp,
            boolean edns,
            Deadline deadline)
            throws IOException {
        Query query = Query.of(question, edns, random);
        byte[] answer = null;
        if (!lacksUdp && !overTcp) {
            try {
                answer = askOverUdp(server, query, deadline);
            } catch (UnsupportedOperationException e) {
                lacksUdp = true; // RFC 7766 lets us
            }
        }
        if (answer == null) {
            return AnswerReader.parse(askOverTcp(server, query, deadline));
        }
        Message message = AnswerReader.parse(answer);
        return message.getHeader().getFlag(Flags.TC)
                ? AnswerReader.parse(askOverTcp(server, query, deadline))
                : message;
    }

    /** Null if it is to be asked over TCP. */
    private byte[] askOverUdp(InetSocketAddress server, Query query, Deadline deadline)
            throws IOException {
        try (UdpSocket socket = Network.connectUdp(server, DATAGRAMS)) {
            socket.deadline(deadline);
            queries++;
            socket.send(buffer(query.wire()));
            socket.flush();
            for (int ignored = 0; ignored < STRANGERS_MAX; ignored++) {
                byte[] message;
                try (Buffer received = socket.receive()) {
                    message = received.toByteArray();
                }
                switch (query.judge(message)) {
                    case ANSWER -> {
                        return message;
                    }
                    case CASE_LOST -> {
                        return null;
                    }
                    case STRANGER -> strangers++;
                }
            }
            return null;
        }
    }

    private byte[] askOverTcp(InetSocketAddress server, Query query, Deadline deadline)
            throws IOException {
        Connection connection =
                Network.connect(
                        server,
                        ConnectOptions.defaults()
                                .withTimeout(remaining(deadline))
                                .withCloseTimeout(Duration.ZERO));
        try {
            connection.input().deadline(deadline);
            connection.output().deadline(deadline);
            queries++;
            overTcp++;
            new FrameWriter(connection.output(), FRAMES).write(query.wire());
            connection.output().flush();
            byte[] message;
            FrameReader frames = new FrameReader(connection.input(), FRAMES);
            if (!frames.hasNext()) {
                throw new IOException("it closed the connection instead of answering");
            }
            try (Buffer frame = frames.next()) {
                message = frame.toByteArray();
            }
            if (query.judge(message) == Query.Verdict.STRANGER) {
                throw new IOException("it answered another question over TCP");
            }
            return message;
        } finally {
            connection.reset(); // what there was to say is said
        }
    }

    /** At least a moment: zero would mean no limit. */
    private static Duration remaining(Deadline deadline) {
        long nanos = deadline.nanos() - Reactor.current().clock().nanoTime();
        return Duration.ofNanos(Math.max(nanos, 1));
    }

    private static Buffer buffer(byte[] bytes) {
        Buffer buffer = Reactor.current().buffers().allocate(bytes.length);
        buffer.put(0, bytes, 0, bytes.length);
        return buffer;
    }
}
