package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SentSegmentsTest {
    private static final int SEGMENT = 100;
    private static final int INITIAL = -1000;

    private final SplittableRandom random = new SplittableRandom(Seeds.next("SentSegmentsTest"));
    private final SentSegments segments = new SentSegments();

    /** One record of the obviously correct model. */
    private static final class Record {
        int start;
        int end;
        long order;
        boolean sacked;
        boolean lost;
    }

    private final List<Record> model = new ArrayList<>();
    private long order;
    private int next = INITIAL;

    @Test
    void behavesAsAPlainListDoes() {
        for (int round = 0; round < 30; round++) {
            segments.begin(INITIAL);
            model.clear();
            next = INITIAL;
            int crowd = 1 << random.nextInt(8);
            for (int i = 0; i < 400; i++) {
                change(crowd);
                compare();
            }
        }
    }

    private void change(int crowd) {
        if (model.size() < crowd && random.nextBoolean()) {
            append(1 + random.nextInt(3 * SEGMENT));
            return;
        }
        if (model.isEmpty()) {
            return;
        }
        Record record = model.get(random.nextInt(model.size()));
        int slot = segments.firstFrom(record.start);
        switch (random.nextInt(8)) {
            case 0, 1 -> acknowledge(record);
            case 2, 3 -> sack(record, slot);
            case 4 -> lose(record, slot);
            case 5 -> retransmit(record, slot);
            case 6 -> forget();
            default -> recut(1 + random.nextInt(SEGMENT));
        }
    }

    private void append(int length) {
        segments.append(order, next + length, SEGMENT);
        for (int left = length; left > 0; left -= SEGMENT) {
            Record record = new Record();
            record.start = next;
            record.end = next + Math.min(left, SEGMENT);
            record.order = order;
            next = record.end;
            model.add(record);
        }
        order++;
    }

    /** Cumulatively up to the middle of the record. */
    private void acknowledge(Record record) {
        while (model.getFirst() != record) {
            model.removeFirst();
            segments.removeFirst();
        }
        int middle = record.start + (record.end - record.start) / 2;
        if (middle != record.start) {
            record.start = middle;
            segments.trimFirst(middle);
        } else {
            model.removeFirst();
            segments.removeFirst();
        }
    }

    private void sack(Record record, int slot) {
        if (!record.sacked) {
            record.sacked = true;
            record.lost = false;
            segments.markSacked(slot);
        }
    }

    private void lose(Record record, int slot) {
        if (!record.sacked && !record.lost) {
            record.lost = true;
            segments.markLost(slot);
        }
    }

    private void retransmit(Record record, int slot) {
        if (!record.sacked) {
            record.lost = false;
            record.order = order;
            segments.markRetransmitted(slot, order);
            order++;
        }
    }

    private void forget() {
        if (random.nextBoolean()) {
            segments.forgetSacks();
            for (Record record : model) {
                record.lost |= record.sacked;
                record.sacked = false;
            }
        } else {
            segments.forgetLosses();
            model.forEach(record -> record.lost = false);
        }
    }

    private void recut(int size) {
        segments.recut(size);
        if (model.stream().noneMatch(record -> record.end - record.start > size)) {
            return;
        }
        List<Record> old = List.copyOf(model);
        model.clear();
        int first = 0;
        while (first < old.size()) {
            int after = first + 1;
            while (old.get(first).lost && after < old.size() && old.get(after).lost) {
                after++;
            }
            divide(old.subList(first, after), size);
            first = after;
        }
    }

    private void divide(List<Record> run, int size) {
        int runEnd = run.getLast().end;
        for (int start = run.getFirst().start; start < runEnd; start += size) {
            Record piece = new Record();
            int from = start;
            int to = Math.min(start + size, runEnd);
            piece.start = from;
            piece.end = to;
            piece.order =
                    run.stream()
                            .filter(record -> record.start < to && record.end > from)
                            .mapToLong(record -> record.order)
                            .min()
                            .orElseThrow();
            piece.sacked = run.getFirst().sacked;
            piece.lost = run.getFirst().lost;
            model.add(piece);
        }
    }

    @Test
    void dividesWhatIsLostAsAWhole() {
        segments.begin(INITIAL);
        append(4 * SEGMENT);
        for (int i = 0; i < 3; i++) {
            lose(model.get(i), segments.firstFrom(model.get(i).start));
        }
        recut(SEGMENT - 1);
        compare();
        assertThat(segments.count()).isEqualTo(4 + 2);
    }

    private void compare() {
        int slot = segments.first();
        int inFlight = 0;
        int sacked = 0;
        for (Record record : model) {
            assertThat(segments.start(slot)).isEqualTo(record.start);
            assertThat(segments.end(slot)).isEqualTo(record.end);
            assertThat(segments.isSacked(slot)).isEqualTo(record.sacked);
            assertThat(segments.isLost(slot)).isEqualTo(record.lost);
            assertThat(segments.sentNanos(slot)).isEqualTo(record.order);
            assertThat(segments.firstFrom(record.start)).isEqualTo(slot);
            int length = record.end - record.start;
            sacked += record.sacked ? length : 0;
            inFlight += record.sacked || record.lost ? 0 : length;
            slot = segments.nextOf(slot);
        }
        assertThat(slot).isEqualTo(SentSegments.NONE);
        assertThat(segments.next()).isEqualTo(next);
        assertThat(segments.una()).isEqualTo(model.isEmpty() ? next : model.getFirst().start);
        assertThat(segments.inFlight()).isEqualTo(inFlight);
        assertThat(segments.sackedBytes()).isEqualTo(sacked);
        assertThat(segments.sackedCount())
                .isEqualTo((int) model.stream().filter(record -> record.sacked).count());
        compareSearches();
    }

    private void compareSearches() {
        assertThat(startOf(segments.firstLost()))
                .isEqualTo(first(model.stream().filter(record -> record.lost).toList()));
        if (!model.isEmpty()) {
            int from = random.nextInt(model.size());
            int slot = segments.firstFrom(model.get(from).start);
            List<Record> rest = model.subList(from, model.size());
            assertThat(startOf(segments.unsackedFrom(slot)))
                    .isEqualTo(first(rest.stream().filter(record -> !record.sacked).toList()));
        }
        List<Integer> found = new ArrayList<>();
        for (int slot = segments.oldestInFlight();
                slot != SentSegments.NONE;
                slot = segments.newerThan(slot)) {
            found.add(segments.start(slot));
        }
        // What was lost and is only late comes first, whenever it was sent.
        assertThat(found)
                .containsExactlyInAnyOrderElementsOf(
                        model.stream()
                                .filter(record -> !record.sacked && !record.lost)
                                .map(record -> record.start)
                                .toList());
    }

    private Object startOf(int slot) {
        return slot == SentSegments.NONE ? "none" : segments.start(slot);
    }

    private static Object first(List<Record> records) {
        return records.isEmpty() ? "none" : records.getFirst().start;
    }

    @Test
    void isInTheOrderOfTheLastTransmission() {
        segments.begin(INITIAL);
        for (int i = 0; i < 20; i++) {
            append(SEGMENT);
        }
        for (int i = 0; i < 50; i++) {
            Record record = model.get(random.nextInt(model.size()));
            retransmit(record, segments.firstFrom(record.start));
        }
        segments.recut(SEGMENT / 2);
        List<Long> found = new ArrayList<>();
        for (int slot = segments.oldestInFlight();
                slot != SentSegments.NONE;
                slot = segments.newerThan(slot)) {
            found.add(segments.sentNanos(slot));
        }
        assertThat(found).hasSize(40).isSortedAccordingTo(Comparator.naturalOrder());
    }

    @Test
    void hasNoArraysBeforeTheFirstSegmentNorWhenItIsTrimmed() {
        segments.begin(INITIAL);
        assertThat(segments.capacity()).isZero();
        append(SEGMENT);
        assertThat(segments.capacity()).isPositive();
        segments.removeFirst();
        segments.trim();
        assertThat(segments.capacity()).isZero();
    }

    @Test
    void keepsItsArraysWhileFlightsNeedThem() {
        segments.begin(INITIAL);
        flight(100);
        int capacity = segments.capacity();
        flight(100);
        assertThat(segments.capacity()).isEqualTo(capacity);
        flight(2);
        assertThat(segments.capacity()).isZero();
        flight(2);
        assertThat(segments.capacity()).isLessThanOrEqualTo(8);
    }

    private void flight(int count) {
        append(count * SEGMENT);
        while (!segments.isEmpty()) {
            segments.removeFirst();
        }
        model.clear();
    }

    @Test
    void isBoundedWhateverIsSent() {
        segments.begin(INITIAL);
        segments.append(0, INITIAL + SentSegments.RECORDS_MAX, 1);
        assertThat(segments.room()).isZero();
        segments.append(0, INITIAL + 3 * SentSegments.RECORDS_MAX, 1);
        assertThat(segments.count()).isEqualTo(2 * SentSegments.RECORDS_MAX);
        assertThat(segments.inFlight()).isEqualTo(3 * SentSegments.RECORDS_MAX);
        segments.recut(1);
        while (!segments.isEmpty()) {
            segments.removeFirst();
        }
        assertThat(segments.una()).isEqualTo(INITIAL + 3 * SentSegments.RECORDS_MAX);
    }
}
