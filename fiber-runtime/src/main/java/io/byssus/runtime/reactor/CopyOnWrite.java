package io.byssus.runtime.reactor;

import java.util.Arrays;

/** Arrays of queues that are never changed, so that any thread may read them. */
final class CopyOnWrite {
    private CopyOnWrite() {}

    static GroupQueue[] with(GroupQueue[] queues, GroupQueue queue) {
        GroupQueue[] more = Arrays.copyOf(queues, queues.length + 1);
        more[queues.length] = queue;
        return more;
    }

    /** Without {@code queue}, in the same order; {@code queues} itself if it is not in it. */
    static GroupQueue[] without(GroupQueue[] queues, GroupQueue queue) {
        int index = Arrays.asList(queues).indexOf(queue);
        if (index < 0) {
            return queues;
        }
        GroupQueue[] fewer = Arrays.copyOf(queues, queues.length - 1);
        System.arraycopy(queues, index + 1, fewer, index, fewer.length - index);
        return fewer;
    }
}
