package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.tcp.ReassemblyQueue.Outcome;
import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The queue against a byte map; places are relative to an initial sequence number. */
class ReassemblyQueueModelTest {
    private static final int STREAM = 16_000;
    private static final int HEADERS = 66;

    private record Block(int start, int end) {}

    private final SplittableRandom random =
            new SplittableRandom(Seeds.next("ReassemblyQueueModelTest"));
    private final QueueBuffers buffers = new QueueBuffers();

    private ReassemblyQueue queue;
    private int initial;
    private int next;
    private byte[] bytes;
    private boolean[] held;

    @AfterEach
    void nothingLeaks() {
        queue.close();
        buffers.assertNoneLeaked();
    }

    private void begin(int chargedMax, int nodesMax) {
        if (queue != null) {
            queue.close();
            buffers.assertNoneLeaked();
        }
        queue = new ReassemblyQueue(buffers.pool(), chargedMax, nodesMax);
        initial = random.nextBoolean() ? random.nextInt() : -random.nextInt(STREAM);
        next = 0;
        bytes = new byte[STREAM];
        held = new boolean[STREAM];
    }

    private boolean isKnown(int place) {
        return place < next || held[place];
    }

    @Test
    void isAByteMapInWhichTheFirstToArriveWin() {
        for (int run = 0; run < 40; run++) {
            begin(Integer.MAX_VALUE, Integer.MAX_VALUE);
            int reach = 200 + random.nextInt(6_000);
            int largest = 1 + random.nextInt(random.nextBoolean() ? 100 : 3000);
            for (int step = 0; step < 400; step++) {
                insertAnywhere(reach, largest);
                if (random.nextInt(5) == 0) {
                    deliver();
                }
                assertThat(queue.length()).isEqualTo(heldBytes());
                assertThat(queue.runs()).isEqualTo(blocks().size());
                assertCharged();
            }
        }
    }

    private void insertAnywhere(int reach, int largest) {
        int start = Math.max(0, next - 50 + random.nextInt(reach));
        int count = Math.min(STREAM - start, 1 + random.nextInt(largest));
        if (count <= 0) {
            return;
        }
        int end = start + count;
        byte[] payload = QueueBuffers.random(random, count);
        int known = 0;
        Block repeated = null;
        for (int place = start; place < end; place++) {
            if (isKnown(place)) {
                known++;
                if (repeated == null) {
                    repeated = new Block(place, place + 1);
                } else if (repeated.end == place) {
                    repeated = new Block(repeated.start, place + 1);
                }
            } else {
                held[place] = true;
                bytes[place] = payload[place - start];
            }
        }
        Outcome expected =
                known == 0 ? Outcome.NEW : known == count ? Outcome.DUPLICATE : Outcome.PARTIAL;
        assertThat(insert(start, payload)).isEqualTo(expected);
        checkSack(repeated, end - 1);
    }

    private Outcome insert(int start, byte[] payload) {
        int capacity = (HEADERS + payload.length) << random.nextInt(4);
        try (Buffer frame = buffers.frame(capacity, HEADERS, payload)) {
            return queue.insert(initial + next, initial + start, frame, HEADERS, payload.length);
        }
    }

    private void checkSack(Block repeated, int arrived) {
        int max = 1 + random.nextInt(SackBlocks.BLOCKS_MAX);
        int count = queue.sackBlocks(max);
        List<Block> all = blocks();
        List<Block> reported = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            reported.add(new Block(queue.sackStart(i) - initial, queue.sackEnd(i) - initial));
        }
        int before = repeated == null ? 0 : 1;
        assertThat(count).isEqualTo(Math.min(max, before + all.size()));
        if (repeated != null) {
            assertThat(reported.removeFirst()).isEqualTo(repeated);
        }
        assertThat(all).containsAll(reported);
        assertThat(new HashSet<>(reported)).hasSameSizeAs(reported);
        if (arrived >= next && !reported.isEmpty()) {
            assertThat(arrived).isBetween(reported.getFirst().start, reported.getFirst().end - 1);
        }
    }

    /** What is missing at the front arrives, and all that follows it is taken. */
    private void deliver() {
        int missing = queue.missing(initial + next);
        if (missing == Integer.MAX_VALUE) {
            return;
        }
        assertThat(missing).isEqualTo(blocks().getFirst().start - next);
        next += missing;
        for (Buffer b = queue.take(initial + next); b != null; b = queue.take(initial + next)) {
            byte[] taken = QueueBuffers.drain(b);
            assertThat(taken).isEqualTo(Arrays.copyOfRange(bytes, next, next + taken.length));
            Arrays.fill(held, next, next + taken.length, false);
            next += taken.length;
        }
        assertThat(held[Math.min(next, STREAM - 1)]).isFalse();
    }

    /** A frame that fills two gaps is charged twice. */
    private void assertCharged() {
        assertThat((long) queue.charged()).isGreaterThanOrEqualTo(buffers.pool().liveBytes());
        assertThat(queue.charged() == 0).isEqualTo(queue.isEmpty());
    }

    private int heldBytes() {
        int count = 0;
        for (boolean one : held) {
            count += one ? 1 : 0;
        }
        return count;
    }

    private List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        int start = -1;
        for (int place = 0; place <= STREAM; place++) {
            boolean here = place < STREAM && held[place];
            if (here && start < 0) {
                start = place;
            } else if (!here && start >= 0) {
                blocks.add(new Block(start, place));
                start = -1;
            }
        }
        return blocks;
    }

    /** Drops happen; what is delivered is right all the same, and the bounds hold. */
    @Test
    void givesTheStreamThatWasSentWhateverIsDroppedAndPruned() {
        for (int run = 0; run < 30; run++) {
            int chargedMax = 2000 + random.nextInt(30_000);
            int nodesMax = 1 + random.nextInt(30);
            begin(chargedMax, nodesMax);
            while (next < STREAM) {
                int start = Math.max(0, next - 100 + random.nextInt(5000));
                int count = Math.min(STREAM - start, random.nextInt(2000));
                if (count > 0) {
                    insert(start, QueueBuffers.numbered(start, count));
                }
                if (random.nextInt(20) == 0) {
                    int target = random.nextInt(chargedMax);
                    queue.prune(target);
                    assertThat(queue.charged()).isLessThanOrEqualTo(target);
                }
                receiveInOrder(Math.min(STREAM - next, random.nextInt(500)));
                assertThat(queue.charged()).isLessThanOrEqualTo(chargedMax);
                assertThat(queue.nodes()).isLessThanOrEqualTo(nodesMax);
                assertCharged();
            }
        }
    }

    /** As the class says that a segment at RCV.NXT is received. */
    private void receiveInOrder(int count) {
        int end = next + count;
        int direct = Math.min(count, queue.missing(initial + next));
        int rest = next + direct;
        next = rest;
        for (Buffer b = queue.take(initial + next); b != null; b = queue.take(initial + next)) {
            byte[] taken = QueueBuffers.drain(b);
            assertThat(taken).isEqualTo(QueueBuffers.numbered(next, taken.length));
            next += taken.length;
        }
        if (rest < end) {
            insert(rest, QueueBuffers.numbered(rest, end - rest));
        }
    }
}
