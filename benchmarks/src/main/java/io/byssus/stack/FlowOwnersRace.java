package io.byssus.stack;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.byssus.stack.ip.SipHash;
import io.byssus.stack.tcp.Flow;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * Three flows in one chain: one shard enters a new one and forgets its own, another enters the same
 * new one and looks for a flow that nobody touches. The results are who was told that the new one
 * is his (1 and 2), whom the untouched one belongs to meanwhile, and what there is in the end: the
 * number of entries, and tenfold who has the new flow.
 */
@JCStressTest
@Outcome(id = "1, 0, 7, 12", expect = ACCEPTABLE, desc = "The first has entered it.")
@Outcome(id = "0, 2, 7, 22", expect = ACCEPTABLE, desc = "The second has entered it.")
@Outcome(expect = FORBIDDEN, desc = "Something is lost, or two have the same flow.")
@State
public class FlowOwnersRace {
    private static final int UNTOUCHED = 7;
    private static final int LEAVING = 1;

    /** So few that there is one chain. */
    private static final int ENTRIES_MAX = 4;

    private final FlowOwners owners = new FlowOwners(new SipHash(1, 2), ENTRIES_MAX);

    private record Ports(int ports) implements Flow {
        @Override
        public long localHigh() {
            return 0;
        }

        @Override
        public long localLow() {
            return 1;
        }

        @Override
        public long remoteHigh() {
            return 0;
        }

        @Override
        public long remoteLow() {
            return 2;
        }
    }

    private static final Ports STAYS = new Ports(1);
    private static final Ports LEAVES = new Ports(2);
    private static final Ports COMES = new Ports(3);

    /** Two are there. */
    public FlowOwnersRace() {
        owners.put(STAYS, UNTOUCHED);
        owners.put(LEAVES, LEAVING);
    }

    private int find(Flow flow) {
        return owners.find(0, 1, 0, 2, flow.ports());
    }

    /** The owner of what leaves. */
    @Actor
    public void entersAndForgets(IIII_Result result) {
        result.r1 = owners.put(COMES, LEAVING) ? 1 : 0;
        owners.remove(LEAVES, LEAVING);
    }

    /** Another shard. */
    @Actor
    public void entersToo(IIII_Result result) {
        result.r2 = owners.put(COMES, 2) ? 2 : 0;
        result.r3 = find(STAYS);
    }

    /** When all is done. */
    @Arbiter
    public void counts(IIII_Result result) {
        int gone = find(LEAVES) == FlowOwners.NONE ? 0 : 100;
        result.r4 = gone + (10 * find(COMES)) + owners.count();
    }
}
