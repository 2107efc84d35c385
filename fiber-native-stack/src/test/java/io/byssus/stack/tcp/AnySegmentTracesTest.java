package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever arrives in whatever state: no assertion of the engine fails, nothing leaks, and no
 * segment is answered by more than a few.
 */
class AnySegmentTracesTest extends TraceTest {
    private static final int CONNECTIONS = 150;
    private static final int STEPS = 120;

    /** A window of the smallest segments, of which SACK blocks leave little. */
    private static final int SENT_MAX = 2000;

    private static final int[] LENGTHS = {0, 0, 0, 1, 10, 536, 1000, 1460};
    private static final String[] OPTIONS = {
        "",
        "mss 1000",
        "mss 8, sackOK",
        "wscale 14",
        "TS val 5 ecr 0",
        "TS val -9 ecr 7",
        "raw 0200",
        "nop, nop, TS val 2147483647 ecr -1",
        "sack 1:5",
        "sack 900:100 3:2",
        "raw fd02"
    };

    private final Random random = new Random(Seeds.next("AnySegmentTracesTest"));

    @Test
    void nothingBreaks() {
        for (int i = 0; i < CONNECTIONS; i++) {
            begin();
            for (int step = 0; step < STEPS; step++) {
                arrive();
                use();
                int sent = wire.sent.size();
                assertThat(sent).isLessThan(SENT_MAX);
                ignoreSent();
            }
            connection.abort();
            wire.stack.connections().forEach(TcpConnection::abort);
            send();
            afterSeconds(200);
            ignoreSent();
            assertThat(wire.stack.counters().connections).isZero();
            wire.close();
            wire = new TracedStack(TcpLimits.DEFAULTS);
        }
    }

    private void begin() {
        settings =
                random.nextBoolean()
                        ? TracedSettings.receiveBytesMax(4096 << random.nextInt(6))
                        : random.nextBoolean() ? TracedSettings.ecn() : TracedSettings.nagle();
        written = 0;
        connection = open();
        send();
        if (random.nextInt(8) != 0) {
            peer("S. 0:0(0) ack 1 win 5000 <mss 1000, " + option() + ">");
        }
        ignoreSent();
    }

    private String option() {
        return OPTIONS[random.nextInt(OPTIONS.length)];
    }

    private void arrive() {
        String[] segments = new String[1 + random.nextInt(3)];
        for (int i = 0; i < segments.length; i++) {
            segments[i] = segment();
        }
        peer(segments);
    }

    private String segment() {
        StringBuilder flags = new StringBuilder();
        boolean acknowledges = random.nextInt(10) != 0;
        flags.append(acknowledges ? "." : "");
        flags.append(random.nextInt(40) == 0 ? "S" : "");
        flags.append(random.nextInt(200) == 0 ? "R" : "");
        flags.append(random.nextInt(30) == 0 ? "F" : "");
        flags.append(random.nextInt(20) == 0 ? "U" : "");
        flags.append(random.nextInt(20) == 0 ? "E" : "");
        flags.append(random.nextInt(20) == 0 ? "W" : "");
        flags.append(flags.isEmpty() ? "-" : "");
        int length = LENGTHS[random.nextInt(LENGTHS.length)];
        int next = connection.receive.next() - wire.peerOrigin;
        int sequence = next + (random.nextInt(3) == 0 ? random.nextInt(5000) - 2500 : 0);
        String text = segment(flags.toString(), sequence, length);
        if (acknowledges) {
            int unacknowledged = connection.send.unacknowledged() - wire.origin;
            text += " ack " + (unacknowledged + random.nextInt(3000) * random.nextInt(2));
        }
        text += " win " + (random.nextInt(4) == 0 ? 0 : random.nextInt(0x10000));
        if (flags.indexOf("U") >= 0) {
            text += " urg " + random.nextInt(0x10000);
        }
        if (connection.timestamps.enabled() && random.nextInt(20) != 0) {
            return text + " <TS val " + (5 + random.nextInt(100)) + " ecr 0>";
        }
        return text + " <" + option() + ">";
    }

    private void use() {
        switch (random.nextInt(12)) {
            case 0, 1 -> drain();
            case 2, 3, 4 -> {
                if (connection.canSend() && connection.sendSpace() > 0) {
                    write(1 + random.nextInt(4000));
                }
            }
            case 5 -> afterMillis(random.nextInt(500));
            case 6 -> afterMillis(1);
            case 7 -> {
                if (connection.canSend()) {
                    connection.markUrgent();
                }
            }
            case 8 -> {
                if (random.nextInt(10) == 0) {
                    closeOutput();
                }
            }
            case 9 -> {
                if (random.nextInt(40) == 0) {
                    close();
                }
            }
            case 10 -> afterMillis(random.nextInt(20_000));
            default -> send();
        }
    }

    private void drain() {
        for (Buffer text = connection.receive(); text != null; text = connection.receive()) {
            text.close();
        }
        send();
    }
}
