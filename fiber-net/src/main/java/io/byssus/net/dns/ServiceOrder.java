package io.byssus.net.dns;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** In which order a client tries the servers of a service (RFC 2782, "Usage rules"). */
final class ServiceOrder {
    private ServiceOrder() {}

    /** A new list: the lowest priority first, and within one by the lot, in which weights count. */
    static List<ServiceRecord> draw(List<ServiceRecord> records, RandomGenerator random) {
        List<ServiceRecord> waiting = new ArrayList<>(records);
        // Those of weight 0 stand first, so that a lot of 0 can fall on them.
        waiting.sort(
                Comparator.comparingInt(ServiceRecord::priority)
                        .thenComparing(record -> record.weight() == 0 ? 0 : 1));
        List<ServiceRecord> order = new ArrayList<>(records.size());
        while (!waiting.isEmpty()) {
            order.add(waiting.remove(next(waiting, random)));
        }
        return order;
    }

    /** The index of the one that comes next, among those of the first priority. */
    private static int next(List<ServiceRecord> waiting, RandomGenerator random) {
        int priority = waiting.getFirst().priority();
        int sum = 0;
        int count = 0;
        for (ServiceRecord record : waiting) {
            if (record.priority() != priority) {
                break;
            }
            sum += record.weight();
            count++;
        }
        int lot = random.nextInt(sum + 1);
        int running = 0;
        for (int i = 0; i < count; i++) {
            running += waiting.get(i).weight();
            if (running >= lot) {
                return i;
            }
        }
        throw new AssertionError("lot=" + lot + " of sum=" + sum);
    }
}
