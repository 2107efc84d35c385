package io.byssus.examples;

import io.byssus.runtime.Byssus;
import io.byssus.runtime.RuntimeArguments;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The sharded counter: every shard counts in a variable of its own, without a lock or an atomic,
 * and the total is asked for by message.
 */
@Command(name = "fanout", description = "Count on every shard, ask all of them, print the sum.")
final class Fanout implements Callable<Integer> {
    @Mixin private RuntimeArguments runtime;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "how far each shard counts (default: ${DEFAULT-VALUE})")
    private int count = 1_000_000;

    @Override
    public Integer call() {
        return Byssus.run(runtime.toOptions(), this::fanOut);
    }

    private void fanOut(Shards shards) throws Exception {
        Counter[] counters = new Counter[shards.count()];
        shards.onEach(() -> counters[Shard.current().id()] = count());
        long sum = 0;
        for (Shard shard : shards.all()) {
            long part = shards.submitTo(shard.id(), () -> counters[shard.id()].value);
            System.out.println("shard " + shard.id() + " counted to " + part);
            sum += part;
        }
        System.out.println("sum " + sum);
    }

    private Counter count() {
        Counter counter = new Counter();
        for (int i = 0; i < count; i++) {
            counter.value++;
            Fiber.yieldIfNeeded();
        }
        return counter;
    }

    /** One shard's; the others ask for its value by message. */
    private static final class Counter {
        private long value;
    }
}
