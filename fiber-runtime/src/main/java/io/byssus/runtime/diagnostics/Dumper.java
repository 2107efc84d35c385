package io.byssus.runtime.diagnostics;

import io.byssus.runtime.diagnostics.FiberReader.Stack;
import io.byssus.runtime.diagnostics.Rosters.Roster;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.reactor.Reactor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Takes one dump: asks the shards who lives there, looks at each fiber, and then for deadlocks.
 *
 * <p><b>Ownership:</b> confined to the thread that dumps, which is no fiber of a shard.
 */
final class Dumper {
    /** A shard that is not held answers in a turn or two, even where processors are scarce. */
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final DumpOptions options;
    private final FiberReader reader;

    Dumper(DumpOptions options) {
        this.options = options;
        this.reader = new FiberReader(options.framesMax());
    }

    FiberDump dump(List<RunningRuntimes.Entry> runtimes) {
        assert !Thread.currentThread().isVirtual() || Reactor.currentOrNull() == null;
        List<Reactor> shards = runtimes.stream().flatMap(entry -> entry.shards().stream()).toList();
        List<Roster> rosters = Rosters.read(shards, ANSWER_NANOS);
        List<Fiber<?>> all = new ArrayList<>();
        rosters.forEach(roster -> all.addAll(roster.fibers()));
        Set<Fiber<?>> withStack = withStack(all);
        List<ShardSnapshot> snapshots = new ArrayList<>();
        int index = 0;
        for (RunningRuntimes.Entry runtime : runtimes) {
            for (Reactor shard : runtime.shards()) {
                Roster roster = rosters.get(index++);
                List<FiberSnapshot> fibers = read(roster.fibers(), withStack);
                snapshots.add(
                        new ShardSnapshot(
                                runtime.number(), shard.shard(), roster.answered(), fibers));
            }
        }
        List<Thread> threads = new ArrayList<>();
        all.forEach(fiber -> threads.add(fiber.thread()));
        return new FiberDump(snapshots, WaitForGraph.deadlocks(threads));
    }

    private List<FiberSnapshot> read(List<Fiber<?>> fibers, Set<Fiber<?>> withStack) {
        List<FiberSnapshot> snapshots = new ArrayList<>();
        for (Fiber<?> fiber : fibers) {
            Stack stack = withStack.contains(fiber) ? Stack.WANTED : Stack.UNWANTED;
            FiberSnapshot snapshot = reader.read(fiber, stack);
            if (snapshot != null) {
                snapshots.add(snapshot);
            }
        }
        return snapshots;
    }

    /** Those of {@code fibers} whose stacks are taken: if not all, then the active ones first. */
    private Set<Fiber<?>> withStack(List<Fiber<?>> fibers) {
        Set<Fiber<?>> chosen = Collections.newSetFromMap(new IdentityHashMap<>());
        if (fibers.size() <= options.stacksMax()) {
            chosen.addAll(fibers);
            return chosen;
        }
        fibers.stream()
                .filter(FiberReader::isActive)
                .limit(options.stacksMax())
                .forEach(chosen::add);
        for (Fiber<?> fiber : fibers) {
            if (chosen.size() == options.stacksMax()) {
                break;
            }
            chosen.add(fiber);
        }
        return chosen;
    }
}
