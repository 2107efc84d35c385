package io.byssus.runtime.diagnostics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The fibers of every shard of every running runtime.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param shards by runtime and number
 * @param deadlocks the rings of fibers that wait for each other
 */
public record FiberDump(List<ShardSnapshot> shards, List<Deadlock> deadlocks) {
    public FiberDump {
        shards = List.copyOf(shards);
        deadlocks = List.copyOf(deadlocks);
    }

    /**
     * Writes it as text for people: the deadlocks, then the fibers of each shard. Fibers that do
     * the same with the same stack are one entry.
     *
     * @param namesMax how many fibers of such an entry are named
     * @throws IOException if {@code out} fails
     */
    public void writeTo(Appendable out, int namesMax) throws IOException {
        new DumpText(out, namesMax).write(this);
    }

    /** As text for people, with a few names where several fibers do the same. */
    @Override
    public String toString() {
        return toString(DumpOptions.defaults().namesMax());
    }

    String toString(int namesMax) {
        StringBuilder text = new StringBuilder();
        try {
            writeTo(text, namesMax);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
