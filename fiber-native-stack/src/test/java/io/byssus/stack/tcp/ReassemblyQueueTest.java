package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.tcp.ReassemblyQueue.Outcome;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sequence numbers are places in a numbered stream, so that each byte is known by its place. */
class ReassemblyQueueTest {
    private static final int FRAME = 2048;
    private static final int HEADERS = 66;
    private static final int LIMIT = 1 << 20;

    private final QueueBuffers buffers = new QueueBuffers();
    private ReassemblyQueue queue = new ReassemblyQueue(buffers.pool(), LIMIT);

    @AfterEach
    void nothingLeaks() {
        queue.close();
        assertThat(queue.charged()).isZero();
        assertThat(queue.length()).isZero();
        buffers.assertNoneLeaked();
    }

    private Outcome insert(int next, int start, byte[] payload) {
        try (Buffer frame = buffers.frame(FRAME, HEADERS, payload)) {
            return queue.insert(next, start, frame, HEADERS, payload.length);
        }
    }

    private Outcome insert(int next, int start, int count) {
        return insert(next, start, QueueBuffers.numbered(start, count));
    }

    /** All that follows {@code next}. */
    private byte[] taken(int next) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Buffer b = queue.take(next); b != null; b = queue.take(next + bytes.size())) {
            bytes.writeBytes(QueueBuffers.drain(b));
        }
        return bytes.toByteArray();
    }

    @Test
    @Tag("SHLD-31")
    void shld31_whatArrivesBeforeItsTurnIsHeldUntilThen() {
        assertThat(insert(0, 3000, 1000)).isEqualTo(Outcome.NEW);
        assertThat(insert(0, 1000, 1000)).isEqualTo(Outcome.NEW);
        assertThat(queue.length()).isEqualTo(2000);
        assertThat(queue.runs()).isEqualTo(2);
        assertThat(queue.highestEnd()).isEqualTo(4000);
        assertThat(queue.missing(0)).isEqualTo(1000);
        assertThat(queue.take(0)).isNull();
        assertThat(taken(1000)).isEqualTo(QueueBuffers.numbered(1000, 1000));
        assertThat(taken(3000)).isEqualTo(QueueBuffers.numbered(3000, 1000));
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.missing(4000)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    @Tag("MUST-58")
    @Tag("MUST-59")
    void must59_fillingTheGapGivesAllThatFollowsSoThatOneAckCoversIt() {
        for (int i = 1; i <= 5; i++) {
            insert(0, 1000 * i, 1000);
        }
        assertThat(queue.runs()).isEqualTo(1);
        assertThat(taken(1000)).isEqualTo(QueueBuffers.numbered(1000, 5000));
    }

    @Test
    void aFullFrameIsHeldNotCopied() {
        try (Buffer frame = buffers.frame(FRAME, HEADERS, QueueBuffers.numbered(5000, 1448))) {
            queue.insert(0, 5000, frame, HEADERS, 1448);
            try (Buffer taken = queue.take(5000)) {
                assertThat(taken.address()).isEqualTo(frame.address() + HEADERS);
                assertThat(taken.length()).isEqualTo(1448);
            }
        }
    }

    @Test
    void aSmallPayloadDoesNotHoldItsFrame() {
        insert(0, 100, 60);
        assertThat(queue.charged()).isEqualTo(512);
        assertThat(buffers.pool().liveBytes()).isEqualTo(512);
    }

    @Test
    void smallPayloadsThatFollowEachOtherShareABuffer() {
        for (int i = 0; i < 8; i++) {
            insert(0, 100 + 60 * i, 60);
        }
        assertThat(queue.nodes()).isEqualTo(1);
        assertThat(queue.charged()).isEqualTo(512);
        assertThat(taken(100)).isEqualTo(QueueBuffers.numbered(100, 480));
    }

    @Test
    void smallPayloadsThatMeetAreMerged() {
        insert(0, 160, 60);
        insert(0, 280, 60);
        assertThat(queue.nodes()).isEqualTo(2);
        insert(0, 220, 60);
        assertThat(queue.nodes()).isEqualTo(1);
        insert(0, 100, 60); // backwards too
        assertThat(queue.nodes()).isEqualTo(1);
        assertThat(queue.charged()).isEqualTo(512);
        assertThat(taken(100)).isEqualTo(QueueBuffers.numbered(100, 240));
    }

    @Test
    void whatIsHeldIsADuplicate() {
        insert(0, 1000, 1000);
        assertThat(insert(0, 1000, 1000)).isEqualTo(Outcome.DUPLICATE);
        assertThat(insert(0, 1200, 300)).isEqualTo(Outcome.DUPLICATE);
        assertThat(queue.length()).isEqualTo(1000);
        assertThat(queue.duplicateBytes()).isEqualTo(1300);
    }

    @Test
    void whatWasDeliveredIsADuplicate() {
        assertThat(insert(5000, 4000, 1000)).isEqualTo(Outcome.DUPLICATE);
        assertThat(queue.isEmpty()).isTrue();
        assertThat(insert(5000, 4500, 1000)).isEqualTo(Outcome.PARTIAL);
        assertThat(taken(5000)).isEqualTo(QueueBuffers.numbered(5000, 500));
        assertThat(queue.duplicateBytes()).isEqualTo(1500);
    }

    @Test
    void ofBytesThatOverlapTheFirstToArriveWin() {
        insert(0, 1000, new byte[] {1, 1, 1, 1});
        insert(0, 1006, new byte[] {2, 2});
        assertThat(insert(0, 998, new byte[] {3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3}))
                .isEqualTo(Outcome.PARTIAL);
        assertThat(taken(998)).containsExactly(3, 3, 1, 1, 1, 1, 3, 3, 2, 2, 3, 3);
    }

    @Test
    void takeTrimsWhatIsDeliveredAlready() {
        insert(0, 1000, 1000);
        insert(0, 3000, 1000);
        assertThat(taken(1400)).isEqualTo(QueueBuffers.numbered(1400, 600));
        assertThat(queue.take(4000)).isNull();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void sequenceNumbersMayWrapAround() {
        insert(-2000, -1000, 1900);
        insert(-2000, 1500, 1000);
        assertThat(queue.runs()).isEqualTo(2);
        insert(-2000, 500, 1200);
        assertThat(queue.runs()).isEqualTo(1);
        assertThat(queue.highestEnd()).isEqualTo(2500);
        assertThat(taken(-1000)).isEqualTo(QueueBuffers.numbered(-1000, 3500));
    }

    @Test
    void memoryIsBounded() {
        queue = new ReassemblyQueue(buffers.pool(), 4 * FRAME);
        for (int i = 1; i <= 4; i++) {
            assertThat(insert(0, 2000 * i, 1448)).isEqualTo(Outcome.NEW);
        }
        assertThat(insert(0, 10_000, 1448)).isEqualTo(Outcome.DROPPED);
        assertThat(queue.charged()).isEqualTo(4 * FRAME);
        assertThat(queue.droppedBytes()).isEqualTo(1448);
        // A part that was here before is not dropped.
        assertThat(insert(0, 8000, 1900)).isEqualTo(Outcome.DROPPED);
        assertThat(queue.droppedBytes()).isEqualTo(1448 + 452);
        queue.chargedMax(8 * FRAME);
        assertThat(insert(0, 10_000, 1448)).isEqualTo(Outcome.NEW);
    }

    @Test
    void buffersAreBounded() {
        queue = new ReassemblyQueue(buffers.pool(), LIMIT, 10);
        for (int i = 1; i <= 10; i++) {
            assertThat(insert(0, 2000 * i, 1000)).isEqualTo(Outcome.NEW);
        }
        assertThat(insert(0, 2000 * 11, 1000)).isEqualTo(Outcome.DROPPED);
        assertThat(queue.nodes()).isEqualTo(10);
        taken(2000);
        assertThat(insert(0, 2000 * 11, 1000)).isEqualTo(Outcome.NEW);
    }

    /** CVE-2018-5390. */
    @Test
    void aPeerThatSendsEverySecondByteReachesTheBounds() {
        for (int i = 0; i < 20_000; i++) {
            insert(0, 1 + 2 * ((i * 7919) % 20_000), 1);
        }
        assertThat(queue.runs()).isEqualTo(ReassemblyQueue.RUNS_MAX);
        assertThat(queue.charged()).isEqualTo(ReassemblyQueue.RUNS_MAX * 512);
        assertThat(queue.droppedBytes()).isEqualTo(20_000 - ReassemblyQueue.RUNS_MAX);
        // What fills the gaps joins what is held.
        for (int i = 1; i < 40_000; i += 1000) {
            insert(0, i, 1000);
        }
        assertThat(queue.runs()).isEqualTo(1);
        assertThat(taken(1)).isEqualTo(QueueBuffers.numbered(1, 40_000));
    }

    @Test
    void whatNoWindowReachesIsDropped() {
        assertThat(insert(0, (1 << 30) + 1, 1000)).isEqualTo(Outcome.DROPPED);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void aLengthBeyondTheFrameIsRefused() {
        try (Buffer frame = buffers.pool().allocate(100)) {
            assertThatThrownBy(() -> queue.insert(0, 10, frame, 90, 11))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> queue.insert(0, 10, frame, 0, -1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThat(insert(0, 10, 0)).isEqualTo(Outcome.DUPLICATE);
        assertThat(queue.sackBlocks(4)).isZero();
    }

    @Test
    void pruningDropsTheHighestFirst() {
        for (int i = 1; i <= 6; i++) {
            insert(0, 1448 * i, 1448);
        }
        insert(0, 20_000, 1448);
        assertThat(queue.prune(3 * FRAME)).isEqualTo(4 * FRAME);
        assertThat(queue.highestEnd()).isEqualTo(1448 * 4);
        assertThat(queue.prunedBytes()).isEqualTo(4 * 1448);
        assertThat(taken(1448)).isEqualTo(QueueBuffers.numbered(1448, 3 * 1448));
        assertThat(queue.prune(0)).isZero();
    }
}
