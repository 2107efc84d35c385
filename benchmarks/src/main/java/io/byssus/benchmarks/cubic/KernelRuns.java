package io.byssus.benchmarks.cubic;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The kernel's transfers, some at once. They are at the mercy of the machine: a seed whose frames
 * were late is tried again.
 *
 * @param namespaces the prefix of their names
 * @param seconds of each transfer
 * @param atOnce for so many there are namespaces
 */
record KernelRuns(String namespaces, int seconds, int atOnce) {
    private static final int ATTEMPTS = 3;

    /** A twentieth of the round trip. */
    private static final double LATE_MICROS_MAX = 1000;

    /** One transfer for each seed, in the order of the seeds. */
    SortedMap<Long, Outcome> run(List<Long> seeds) throws IOException, InterruptedException {
        SortedMap<Long, Outcome> outcomes = new TreeMap<>();
        List<Long> left = seeds;
        for (int attempt = 1; attempt <= ATTEMPTS && !left.isEmpty(); attempt++) {
            for (int i = 0; i < left.size(); i += atOnce) {
                List<Long> batch = left.subList(i, Math.min(left.size(), i + atOnce));
                outcomes.putAll(runAtOnce(batch));
            }
            left = seeds.stream().filter(seed -> isLate(outcomes.get(seed))).toList();
        }
        if (!left.isEmpty()) {
            System.err.println("frames were late in each of " + ATTEMPTS + " attempts: " + left);
        }
        return outcomes;
    }

    private static boolean isLate(Outcome outcome) {
        return outcome.lateness().p99Micros() > LATE_MICROS_MAX;
    }

    private Map<Long, Outcome> runAtOnce(List<Long> seeds)
            throws IOException, InterruptedException {
        List<Namespaces> pairs = new ArrayList<>();
        for (int i = 0; i < seeds.size(); i++) {
            pairs.add(Namespaces.of(namespaces, i));
        }
        List<Long> bytes = new ArrayList<>();
        List<Wire> wires;
        Relay relay = new Relay(pairs, seeds).start();
        try {
            List<KernelTransfer> transfers = new ArrayList<>();
            for (Namespaces pair : pairs) {
                transfers.add(KernelTransfer.start(pair, seconds));
            }
            for (KernelTransfer transfer : transfers) {
                bytes.add(transfer.await());
            }
        } finally {
            wires = relay.stop();
        }
        return outcomes(seeds, bytes, wires);
    }

    private Map<Long, Outcome> outcomes(List<Long> seeds, List<Long> bytes, List<Wire> wires) {
        Map<Long, Outcome> outcomes = new TreeMap<>();
        for (int i = 0; i < seeds.size(); i++) {
            Wire wire = wires.get(i);
            Outcome outcome =
                    Outcome.of(
                            bytes.get(i),
                            seconds,
                            wire.data(),
                            wire.acknowledgments(),
                            wire.lateness());
            outcomes.put(seeds.get(i), outcome);
            System.err.printf(
                    "seed %d: %.3f Mbit/s, late by at most %.0f us (99 %%)%n",
                    seeds.get(i), outcome.megabits(), outcome.lateness().p99Micros());
        }
        return outcomes;
    }
}
