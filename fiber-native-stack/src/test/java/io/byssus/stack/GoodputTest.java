package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.device.Faults;
import io.byssus.stack.tcp.TcpSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * What one connection carries at 100 Mbit/s with a queue of one bandwidth-delay product, for each
 * loss and round trip: a table that changes only if somebody changes what the stack sends. It was
 * written by {@code -Dbyssus.write.snapshots=true}.
 */
class GoodputTest {
    private static final long SEED = 20250101;
    private static final long BITS_PER_SECOND = 100_000_000;
    private static final long QUEUE_BYTES_MIN = 64 << 10;
    private static final long LARGE = 10 << 20;
    private static final long SMALL = 1 << 20;
    private static final double SMALL_FROM = 0.2;
    private static final double[] LOSSES = {0, 0.001, 0.01, 0.03, 0.1, 0.2, 0.3};
    private static final double[] ROUND_TRIPS_MILLIS = {0.1, 1, 5, 20, 50, 100, 300};
    private static final double[] SOME_ROUND_TRIPS_MILLIS = {1, 20, 100};
    private static final Path SNAPSHOTS = Path.of("src/test/resources/io/byssus/stack");
    private static final double MEGA = 1e6;
    private static final double NANOS_PER_MILLI = 1e6;

    @Test
    void goodputIsWhatItWas() throws Exception {
        check("goodput.txt", table(false, ROUND_TRIPS_MILLIS));
    }

    @Test
    void goodputWithoutSackIsWhatItWas() throws Exception {
        check("goodput-without-sack.txt", table(true, SOME_ROUND_TRIPS_MILLIS));
    }

    private static String table(boolean withoutSack, double[] roundTrips) throws IOException {
        StringBuilder table = new StringBuilder("Mbit/s  ");
        for (double roundTrip : roundTrips) {
            table.append(String.format(Locale.ROOT, "%9s", format(roundTrip) + " ms"));
        }
        for (double loss : LOSSES) {
            table.append(String.format(Locale.ROOT, "%n%-8s", format(loss * 100) + " %"));
            for (double roundTrip : roundTrips) {
                double goodput = goodput(loss, roundTrip, withoutSack);
                table.append(String.format(Locale.ROOT, "%9.3f", goodput / MEGA));
            }
        }
        return table.append(System.lineSeparator()).toString();
    }

    private static String format(double number) {
        return String.format(Locale.ROOT, "%s", number).replaceAll("\\.0$", "");
    }

    private static double goodput(double loss, double roundTripMillis, boolean withoutSack)
            throws IOException {
        long oneWayNanos = (long) (roundTripMillis * NANOS_PER_MILLI / 2);
        long product = (long) (BITS_PER_SECOND / Byte.SIZE * roundTripMillis / 1000);
        Faults faults =
                Faults.NONE
                        .withLoss(loss)
                        .withDelay(Duration.ofNanos(oneWayNanos))
                        .withRate(BITS_PER_SECOND, Math.max(product, QUEUE_BYTES_MIN));
        SimulatedNetwork.Setup setup = SimulatedNetwork.Setup.of(SEED, faults);
        if (withoutSack) {
            setup =
                    setup.around((pool, device) ->
                            new StrippingDevice(device, StrippingDevice.SACK_PERMITTED));
        }
        return new Transfer(
                        new SimulatedNetwork(setup),
                        LossyTransferTest.patient(
                                TcpSettings.RECEIVE_BYTES_MAX, TcpSettings.RECEIVE_BYTES_MAX),
                        StreamEnd.Plan.sending(loss < SMALL_FROM ? LARGE : SMALL),
                        StreamEnd.Plan.receiving())
                .complete()
                .goodput();
    }

    private static void check(String name, String table) throws IOException {
        Path file = SNAPSHOTS.resolve(name);
        if (Boolean.getBoolean("byssus.write.snapshots")) {
            Files.createDirectories(SNAPSHOTS);
            Files.writeString(file, table);
        }
        assertThat(table)
                .as(
                        "%s; if the change is meant, write it anew: -Dbyssus.write.snapshots=true",
                        file)
                .isEqualTo(Files.readString(file));
    }
}
