package io.byssus.stack.tcp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * What a peer acknowledges, kept as simply as can be: a bit for each byte's segment. It keeps what
 * is out of order, and reports it as RFC 2018 (the latest block first) and RFC 2883 say.
 */
final class SimulatedReceiver {
    private static final long MILLISECOND = 1_000_000L;

    /** An acknowledgment on its way, with ranges of segment numbers [start, end). */
    record Answer(int una, List<int[]> blocks, long echoedSentNanos) {}

    private final boolean selective;
    private final BitSet received = new BitSet();
    private final Deque<Integer> latest = new ArrayDeque<>();
    private int una;
    private long recentTimestamp;

    SimulatedReceiver(boolean selective) {
        this.selective = selective;
    }

    int una() {
        return una;
    }

    /** Segments [start, end), which were sent then, arrive as one. */
    Answer receive(int start, int end, long sentNanos) {
        if (start <= una) {
            recentTimestamp = Math.max(recentTimestamp, sentNanos / MILLISECOND * MILLISECOND);
        }
        boolean duplicate = received.get(start, end).cardinality() == end - start;
        received.set(start, end);
        una = received.nextClearBit(0);
        List<int[]> blocks = new ArrayList<>();
        if (selective) {
            if (duplicate) {
                blocks.add(new int[] {start, end});
            } else {
                latest.addFirst(start);
            }
            addBlocks(blocks);
        }
        return new Answer(una, blocks, recentTimestamp);
    }

    private void addBlocks(List<int[]> blocks) {
        latest.removeIf(start -> start < una);
        BitSet reported = new BitSet();
        List<Integer> stale = new ArrayList<>();
        for (int start : latest) {
            if (reported.get(start)) {
                stale.add(start);
                continue;
            }
            int from = received.previousClearBit(start) + 1;
            int to = received.nextClearBit(start);
            reported.set(from, to);
            if (blocks.size() < 3) {
                blocks.add(new int[] {from, to});
            }
        }
        latest.removeAll(stale);
    }
}
