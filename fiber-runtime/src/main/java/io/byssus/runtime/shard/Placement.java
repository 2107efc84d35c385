package io.byssus.runtime.shard;

import io.byssus.runtime.os.Affinity;
import java.util.BitSet;

/**
 * How many shards there are and on which processors: the options, checked against the machine.
 *
 * @param shards how many
 * @param cpus one processor per shard if they are bound, else null
 */
record Placement(int shards, int[] cpus) {

    /**
     * @throws IllegalArgumentException with one sentence about the option that cannot be met
     */
    static Placement of(RuntimeOptions options) {
        BitSet allowed = Affinity.ofProcess();
        BitSet cpus = options.cpuset == null ? allowed : Cpus.parse(options.cpuset);
        BitSet missing = (BitSet) cpus.clone();
        missing.andNot(allowed);
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    "--cpuset "
                            + options.cpuset
                            + ": this process may use only processors "
                            + Cpus.format(allowed));
        }
        int usable = cpus.cardinality();
        boolean quota = Affinity.processorsOfProcess() < allowed.cardinality();
        if (quota && options.cpuset == null) {
            usable = Math.min(usable, Affinity.processorsOfProcess());
        }
        int shards = options.smp == null ? usable : options.smp;
        check(options, shards, usable, cpus);
        boolean bound =
                !options.overprovisioned
                        && switch (options.affinity) {
                            case ON -> true;
                            case OFF -> false;
                            case AUTO -> Affinity.isSupported() && !quota;
                        };
        return new Placement(shards, bound ? cpus.stream().limit(shards).toArray() : null);
    }

    private static void check(RuntimeOptions options, int shards, int usable, BitSet cpus) {
        if (shards < 1) {
            throw new IllegalArgumentException("--smp " + shards + ": at least 1 shard is needed");
        }
        if (shards > usable && !options.overprovisioned) {
            throw new IllegalArgumentException(
                    "--smp "
                            + shards
                            + ": this process may use "
                            + usable
                            + (usable == 1 ? " processor" : " processors")
                            + " ("
                            + Cpus.format(cpus)
                            + "); --overprovisioned allows more shards than processors");
        }
    }
}
