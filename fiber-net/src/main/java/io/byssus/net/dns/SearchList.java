package io.byssus.net.dns;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which names are asked for when somebody says a short one (resolv.conf(5), search and ndots). */
final class SearchList {
    /** As in {@link Hostnames}. */
    private static final int NAME_LENGTH_MAX = 253;

    private SearchList() {}

    /**
     * The names to ask for, in their order, without the dot at the end. A name with a dot at the
     * end is asked for as it is. One with at least {@code ndots} dots is asked for as it is first,
     * others as they are last.
     */
    static List<String> candidates(String ascii, int ndots, List<String> search) {
        String name = Hostnames.withoutDot(ascii);
        if (name.length() < ascii.length()) {
            return List.of(name);
        }
        Set<String> candidates = new LinkedHashSet<>();
        boolean first = name.chars().filter(c -> c == '.').count() >= ndots;
        if (first) {
            candidates.add(name);
        }
        for (String domain : search) {
            String candidate = domain.isEmpty() ? name : name + "." + domain;
            if (candidate.length() <= NAME_LENGTH_MAX) {
                candidates.add(candidate);
            }
        }
        candidates.add(name);
        return new ArrayList<>(candidates);
    }
}
