package io.byssus.runtime.diagnostics;

import java.util.List;

/**
 * Fibers that wait for each other in a ring, so that none of them will go on by itself.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param links each waits for something that the next one holds; the last, for what the first holds
 */
public record Deadlock(List<Link> links) {
    /**
     * A fiber of the ring.
     *
     * @param fiber it and its shard, as in {@code fiber 'a' on shard 0}
     * @param waitsFor what it is parked for, in words
     */
    public record Link(String fiber, String waitsFor) {}

    public Deadlock {
        links = List.copyOf(links);
    }

    /** In one sentence. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("DEADLOCK: ").append(links.getFirst().fiber);
        for (int i = 0; i < links.size(); i++) {
            String waitsFor = links.get(i).waitsFor;
            String holder = links.get((i + 1) % links.size()).fiber;
            text.append(i == 0 ? " waits for " : ", which waits for ").append(waitsFor);
            if (!waitsFor.equals(holder)) { // a fiber that is joined holds itself
                text.append(" held by ").append(holder);
            }
        }
        return text.toString();
    }
}
