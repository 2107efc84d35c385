package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import java.util.StringJoiner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The examples of RFC 2018 and RFC 2883: segments in, blocks out. */
class SackBlocksTest {
    private static final int FRAME = 2048;

    private final QueueBuffers buffers = new QueueBuffers();
    private final ReassemblyQueue queue = new ReassemblyQueue(buffers.pool(), 1 << 20);

    private int next;

    @AfterEach
    void nothingLeaks() {
        queue.close();
        buffers.assertNoneLeaked();
    }

    /** The bytes from {@code start} to {@code end} arrive: the ACK that answers. */
    private String arrive(int start, int end) {
        return arrive(start, end, 3);
    }

    private String arrive(int start, int end, int max) {
        try (Buffer frame = buffers.pool().allocate(FRAME)) {
            queue.insert(next, start, frame, 0, end - start);
        }
        for (Buffer b = queue.take(next); b != null; b = queue.take(next)) {
            next += b.length();
            b.close();
        }
        return ack(max);
    }

    private String ack(int max) {
        StringJoiner line = new StringJoiner(" ");
        line.add("ack " + next);
        int count = queue.sackBlocks(max);
        for (int i = 0; i < count; i++) {
            line.add(queue.sackStart(i) + "-" + queue.sackEnd(i));
        }
        return line.toString();
    }

    /** RFC 2018 section 4, case 2: the first of eight is lost. */
    @Test
    void theBlockWithTheLatestSegmentGrows() {
        next = 5000;
        assertThat(arrive(5500, 6000)).isEqualTo("ack 5000 5500-6000");
        assertThat(arrive(6000, 6500)).isEqualTo("ack 5000 5500-6500");
        assertThat(arrive(6500, 7000)).isEqualTo("ack 5000 5500-7000");
    }

    /** RFC 2018 section 4, case 3: the second, fourth, sixth and eighth are lost. */
    @Test
    void theLatestBlockIsFirstAndEarlierOnesAreRepeated() {
        next = 5000;
        assertThat(arrive(5000, 5500)).isEqualTo("ack 5500");
        assertThat(arrive(6000, 6500)).isEqualTo("ack 5500 6000-6500");
        assertThat(arrive(7000, 7500)).isEqualTo("ack 5500 7000-7500 6000-6500");
        assertThat(arrive(8000, 8500)).isEqualTo("ack 5500 8000-8500 7000-7500 6000-6500");
        assertThat(arrive(6500, 7000)).isEqualTo("ack 5500 6000-7500 8000-8500");
        assertThat(arrive(5500, 6000)).isEqualTo("ack 7500 8000-8500");
    }

    @Test
    void thereAreNoMoreBlocksThanFit() {
        for (int start = 7000; start > 1000; start -= 1000) {
            arrive(start, start + 100);
        }
        assertThat(ack(4)).isEqualTo("ack 0 2000-2100 3000-3100 4000-4100 5000-5100");
        assertThat(ack(3)).isEqualTo("ack 0 2000-2100 3000-3100 4000-4100");
        assertThat(ack(1)).isEqualTo("ack 0 2000-2100");
        assertThat(ack(0)).isEqualTo("ack 0");
        assertThat(ack(9)).isEqualTo("ack 0 2000-2100 3000-3100 4000-4100 5000-5100");
    }

    @Test
    void whatIsNotRememberedFillsTheRest() {
        for (int i = 1; i <= 20; i++) {
            arrive(1000 * i, 1000 * i + 100);
        }
        // The last eight become one block: the others are reported although they are long past.
        for (int i = 13; i < 20; i++) {
            arrive(1000 * i + 100, 1000 * i + 1000);
        }
        assertThat(ack(4)).isEqualTo("ack 0 13000-20100 1000-1100 2000-2100 3000-3100");
    }

    /** RFC 2883 section 4.1.1: the ACK was lost. */
    @Test
    void aDuplicateBelowTheAckIsReportedOnce() {
        next = 3000;
        arrive(3000, 4000);
        assertThat(arrive(3000, 3500)).isEqualTo("ack 4000 3000-3500");
        assertThat(ack(3)).isEqualTo("ack 4000");
        queue.noteDuplicate(3500, 4000);
        assertThat(ack(3)).isEqualTo("ack 4000 3500-4000");
        assertThat(ack(3)).isEqualTo("ack 4000");
    }

    /** RFC 2883 section 4.1.2: one segment is lost, another one doubled. */
    @Test
    void aDuplicateAboveTheAckComesBeforeTheBlockItIsIn() {
        next = 3500;
        assertThat(arrive(4000, 4500)).isEqualTo("ack 3500 4000-4500");
        assertThat(arrive(4500, 5000)).isEqualTo("ack 3500 4000-5000");
        assertThat(arrive(5500, 6000)).isEqualTo("ack 3500 5500-6000 4000-5000");
        assertThat(arrive(4500, 5000)).isEqualTo("ack 3500 4500-5000 4000-5000 5500-6000");
        assertThat(ack(3)).isEqualTo("ack 3500 4000-5000 5500-6000");
    }

    /** RFC 2883 section 4.2.1: of a segment that covers two, one was received. */
    @Test
    void aPartialDuplicateReportsThePart() {
        next = 1000;
        assertThat(arrive(1500, 2000)).isEqualTo("ack 1000 1500-2000");
        assertThat(arrive(1500, 2500)).isEqualTo("ack 1000 1500-2000 1500-2500");
    }

    /** RFC 2883 section 4.2.3: two parts were received. */
    @Test
    void ofTwoDuplicatePartsTheFirstIsReported() {
        next = 500;
        arrive(1000, 1500);
        arrive(2000, 2500);
        assertThat(arrive(1000, 3000)).isEqualTo("ack 500 1000-1500 1000-3000");
    }

    @Test
    void duplicatesThatTouchAreReportedTogether() {
        next = 5000;
        queue.noteDuplicate(1000, 2000);
        queue.noteDuplicate(2000, 3000);
        assertThat(ack(3)).isEqualTo("ack 5000 1000-3000");
        queue.noteDuplicate(1000, 2000);
        queue.noteDuplicate(4000, 5000);
        assertThat(ack(3)).isEqualTo("ack 5000 4000-5000");
    }

    @Test
    void aDuplicateTakesTheOnlyBlockThereIs() {
        arrive(1000, 1500);
        assertThat(arrive(1000, 1500, 1)).isEqualTo("ack 0 1000-1500");
        assertThat(ack(1)).isEqualTo("ack 0 1000-1500");
    }

    @Test
    void whatWasPrunedIsNotReported() {
        arrive(1000, 2000);
        arrive(3000, 4000);
        queue.prune(FRAME);
        assertThat(ack(3)).isEqualTo("ack 0 1000-2000");
    }
}
