package io.byssus.stack.tcp;

/**
 * A set of the slots of a ring, which finds the next member from any slot in time that hardly
 * depends on the size of the ring: one bit a slot, and above them one bit for each word that is not
 * empty, so that 2^18 slots are 64 words to look through.
 *
 * <p><b>Ownership:</b> confined, a part of {@link SentSegments}.
 */
final class SlotSet {
    static final int NONE = -1;

    private static final int WORD_SHIFT = 6;
    private static final int WORD_MASK = (1 << WORD_SHIFT) - 1;

    private final int capacity;
    private final long[] words;
    private final long[] summary;

    /**
     * @param capacity a power of two
     */
    SlotSet(int capacity) {
        assert Integer.bitCount(capacity) == 1;
        this.capacity = capacity;
        words = new long[wordCount(capacity)];
        summary = new long[wordCount(words.length)];
    }

    private static int wordCount(int bits) {
        return ((bits - 1) >>> WORD_SHIFT) + 1;
    }

    void add(int slot) {
        int word = slot >>> WORD_SHIFT;
        words[word] |= 1L << slot;
        summary[word >>> WORD_SHIFT] |= 1L << word;
    }

    void remove(int slot) {
        int word = slot >>> WORD_SHIFT;
        words[word] &= ~(1L << slot);
        if (words[word] == 0) {
            summary[word >>> WORD_SHIFT] &= ~(1L << word);
        }
    }

    boolean contains(int slot) {
        return (words[slot >>> WORD_SHIFT] & (1L << slot)) != 0;
    }

    /** The first member at {@code slot} or after it, around the ring, or {@link #NONE}. */
    int next(int slot) {
        int member = nextUpwards(slot);
        return member == NONE && slot != 0 ? nextUpwards(0) : member;
    }

    private int nextUpwards(int slot) {
        int word = slot >>> WORD_SHIFT;
        long bits = words[word] & (-1L << slot);
        if (bits == 0) {
            word = nextWord(word + 1);
            if (word == NONE) {
                return NONE;
            }
            bits = words[word];
        }
        int member = (word << WORD_SHIFT) + Long.numberOfTrailingZeros(bits);
        assert member < capacity;
        return member;
    }

    /** The first word that is not empty, at {@code word} or after it. */
    private int nextWord(int word) {
        if (word >= words.length) {
            return NONE;
        }
        int group = word >>> WORD_SHIFT;
        long bits = summary[group] & (-1L << (word & WORD_MASK));
        while (bits == 0) {
            group++;
            if (group == summary.length) {
                return NONE;
            }
            bits = summary[group];
        }
        return (group << WORD_SHIFT) + Long.numberOfTrailingZeros(bits);
    }
}
