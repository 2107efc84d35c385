package io.byssus.stack.ip;

import java.util.Arrays;

/**
 * Doubly linked lists of the numbers below some bound; a number is in one list at most. All
 * operations take constant time.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class IndexLists {
    static final int NONE = -1;

    private final int[] next;
    private final int[] previous;
    private final int[] first;
    private final int[] last;

    IndexLists(int numbers, int lists) {
        next = none(numbers);
        previous = none(numbers);
        first = none(lists);
        last = none(lists);
    }

    boolean isEmpty(int list) {
        return first[list] == NONE;
    }

    /** {@link #NONE} if the list is empty. */
    int first(int list) {
        return first[list];
    }

    /** What follows {@code number} in its list, or {@link #NONE}. */
    int next(int number) {
        return next[number];
    }

    /** Adds a number that is in no list at the end of this one. */
    void append(int list, int number) {
        assert next[number] == NONE && previous[number] == NONE : "number=" + number;
        int before = last[list];
        previous[number] = before;
        last[list] = number;
        if (before == NONE) {
            first[list] = number;
        } else {
            next[before] = number;
        }
    }

    /** Removes a number that is in this list. */
    void remove(int list, int number) {
        int before = previous[number];
        int after = next[number];
        assert before != NONE || first[list] == number : "list=" + list + " number=" + number;
        if (before == NONE) {
            first[list] = after;
        } else {
            next[before] = after;
        }
        if (after == NONE) {
            last[list] = before;
        } else {
            previous[after] = before;
        }
        next[number] = NONE;
        previous[number] = NONE;
    }

    private static int[] none(int length) {
        int[] numbers = new int[length];
        Arrays.fill(numbers, NONE);
        return numbers;
    }
}
