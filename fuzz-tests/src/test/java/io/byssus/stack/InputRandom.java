package io.byssus.stack;

import java.util.random.RandomGenerator;

/**
 * Chance that is a fuzzer's input, so that it learns which choices lead to something new. A choice
 * takes no more bytes than it needs; when they are used up, every further one is the first.
 */
final class InputRandom implements RandomGenerator {
    private static final int BYTE_VALUES = 1 << Byte.SIZE;
    private static final int SHORT_VALUES = 1 << Short.SIZE;

    private final byte[] input;
    private int at;

    InputRandom(byte[] input) {
        this.input = input;
    }

    @Override
    public boolean nextBoolean() {
        return (take(1) & 1) != 0;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        int count = Math.min(bytes.length, input.length - at);
        System.arraycopy(input, at, bytes, 0, count);
        at += count;
    }

    @Override
    public int nextInt() {
        return (int) take(Integer.BYTES);
    }

    @Override
    public int nextInt(int bound) {
        int count = bound <= SHORT_VALUES ? Short.BYTES : Integer.BYTES;
        return (int) (take(bound <= BYTE_VALUES ? 1 : count) % bound);
    }

    @Override
    public int nextInt(int origin, int bound) {
        return origin + nextInt(bound - origin);
    }

    @Override
    public long nextLong() {
        return take(Long.BYTES);
    }

    @Override
    public long nextLong(long bound) {
        return (nextLong() >>> 1) % bound;
    }

    private long take(int count) {
        long value = 0;
        for (int i = 0; i < count && at < input.length; i++) {
            value = (value << Byte.SIZE) | Byte.toUnsignedLong(input[at]);
            at++;
        }
        return value;
    }
}
