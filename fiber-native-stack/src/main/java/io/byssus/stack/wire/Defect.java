package io.byssus.stack.wire;

/** What is wrong with bytes that claim to be a header. */
public enum Defect {
    NONE,
    /** Fewer bytes have arrived than the header says, or than there must be. */
    TRUNCATED,
    /** Another version, or another kind of address, than we speak. */
    WRONG_VERSION,
    /** A length that contradicts another one or leaves no room for what must be there. */
    BAD_LENGTH,
    BAD_CHECKSUM,
    /** An option whose length is impossible, or of one the standard does not give it. */
    BAD_OPTION
}
