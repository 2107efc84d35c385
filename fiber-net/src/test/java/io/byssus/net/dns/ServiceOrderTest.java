package io.byssus.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** RFC 2782, "Usage rules". */
class ServiceOrderTest {
    @Test
    void anyRecordsComeByPriority() {
        Random random = new Random(Seeds.next("anyRecordsComeByPriority"));
        for (int i = 0; i < 5_000; i++) {
            List<ServiceRecord> records = new ArrayList<>();
            for (int count = random.nextInt(10); count > 0; count--) {
                records.add(
                        new ServiceRecord(
                                "h" + count,
                                random.nextInt(65_536),
                                random.nextInt(3),
                                random.nextInt(3) == 0 ? 0 : random.nextInt(65_536)));
            }
            List<ServiceRecord> drawn = ServiceOrder.draw(records, random);
            assertThat(drawn).containsExactlyInAnyOrderElementsOf(records);
            assertThat(drawn.stream().map(ServiceRecord::priority)).isSorted();
        }
    }

    @Test
    void weightsSayHowOftenOneComesFirst() {
        Random random = new Random(Seeds.next("weightsSayHowOftenOneComesFirst"));
        List<ServiceRecord> records =
                List.of(
                        new ServiceRecord("one", 1, 0, 10),
                        new ServiceRecord("three", 1, 0, 30),
                        new ServiceRecord("six", 1, 0, 60),
                        new ServiceRecord("seldom", 1, 0, 0));
        int draws = 100_000;
        int[] first = new int[records.size()];
        for (int i = 0; i < draws; i++) {
            first[records.indexOf(ServiceOrder.draw(records, random).getFirst())]++;
        }
        Offset<Double> tolerance = Offset.offset(0.015);
        assertThat(first[0] / (double) draws).isEqualTo(0.1, tolerance);
        assertThat(first[1] / (double) draws).isEqualTo(0.3, tolerance);
        assertThat(first[2] / (double) draws).isEqualTo(0.6, tolerance);
        assertThat(first[3]).isPositive();
    }
}
