package io.byssus.runtime.sync;

/** What a {@link Hold} can be of. */
abstract class Holdable extends Confined {
    Holdable(String kind, String name) {
        super(kind, name);
    }

    /** Undoes what made the hold; throws if the caller may not. */
    abstract void giveBack(long units);
}
