package io.byssus.stack;

import io.byssus.stack.device.Faults;
import io.byssus.stack.device.LinkDevice;
import io.byssus.testing.Seeds;
import io.byssus.testing.SoakLength;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random applications over random networks; a failure says the seed of its one run. */
@Tag("soak")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AnyNetworkSoakTest {
    private static final int BYTES_MAX = 1 << 20;
    private static final int BUFFER_MIN_LOG = 11;
    private static final int BUFFER_LOGS = 12;
    private static final int DELAY_MICROS_MAX = 150_000;

    private final SplittableRandom seeds = new SplittableRandom(Seeds.next("AnyNetworkSoakTest"));

    @Test
    void everyByteArrivesAndNothingIsLeft() {
        int runs = 0;
        for (SoakLength soak = SoakLength.start(); soak.goesOn(); runs++) {
            long seed = seeds.nextLong();
            try {
                run(seed, new SplittableRandom(seed));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed=" + seed, e);
            }
        }
        System.out.println("AnyNetworkSoakTest: runs=" + runs);
    }

    private static void run(long seed, SplittableRandom random) throws Exception {
        SimulatedNetwork.Setup setup =
                SimulatedNetwork.Setup.of(seed, faults(random))
                        .toLeft(faults(random))
                        .around((pool, device) -> middlebox(random.nextInt(4), device));
        new Transfer(
                        new SimulatedNetwork(random.nextInt(4) == 0 ? setup.tracking() : setup),
                        LossyTransferTest.patient(buffer(random), buffer(random)),
                        plan(random),
                        plan(random))
                .complete();
    }

    private static Faults faults(SplittableRandom random) {
        Faults faults =
                Faults.NONE
                        .withDelay(Duration.ofNanos(random.nextInt(DELAY_MICROS_MAX) * 1000L))
                        .withLoss(sometimes(random, 0.2))
                        .withDuplication(sometimes(random, 0.3))
                        .withCorruption(sometimes(random, 0.05))
                        .withReordering(
                                sometimes(random, 0.5),
                                Duration.ofNanos(random.nextInt(DELAY_MICROS_MAX) * 1000L));
        return random.nextBoolean()
                ? faults
                : faults.withRate(1_000_000L << random.nextInt(10), 4_000L << random.nextInt(10));
    }

    private static double sometimes(SplittableRandom random, double most) {
        return random.nextBoolean() ? random.nextDouble(most) : 0;
    }

    private static LinkDevice middlebox(int kind, LinkDevice device) {
        return switch (kind) {
            case 0 -> new StrippingDevice(device, StrippingDevice.SACK_PERMITTED);
            case 1 -> new StrippingDevice(device, StrippingDevice.TIMESTAMPS);
            case 2 ->
                    new StrippingDevice(
                            new StrippingDevice(device, StrippingDevice.TIMESTAMPS),
                            StrippingDevice.SACK_PERMITTED);
            default -> device;
        };
    }

    private static int buffer(SplittableRandom random) {
        return 1 << (BUFFER_MIN_LOG + random.nextInt(BUFFER_LOGS));
    }

    private static StreamEnd.Plan plan(SplittableRandom random) {
        StreamEnd.Plan plan =
                StreamEnd.Plan.sending(random.nextInt(BYTES_MAX))
                        .inWritesOf(random.nextInt(1, 1 << random.nextInt(7, 17)));
        return random.nextInt(4) == 0
                ? plan.pausing(Duration.ofNanos(random.nextInt(DELAY_MICROS_MAX) * 1000L))
                : plan;
    }
}
