package io.byssus.runtime.fiber;

/**
 * Thrown by {@link AbortSource#call}: the source was aborted before the work was done, and the work
 * was stopped. Its cause is what {@link AbortSource#abort(Throwable)} was given, if it was; its
 * first suppressed exception says where the work stood.
 *
 * <p>It is no {@link FiberCancelledException}. A fiber that ends with it has failed, but as
 * somebody wanted: it is logged at debug level only.
 */
public final class AbortedException extends RuntimeException implements ExpectedFailure {
    private static final long serialVersionUID = 1L;

    private final transient AbortSource source;

    AbortedException(AbortSource source, FiberCancelledException stopped) {
        super(source + " was aborted", source.cause().orElse(null));
        this.source = source;
        addSuppressed(stopped);
    }

    /** The source that was aborted; null after serialisation. */
    public AbortSource source() {
        return source;
    }
}
