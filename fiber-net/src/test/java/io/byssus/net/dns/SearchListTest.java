package io.byssus.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SearchListTest {
    private static final List<String> SEARCH = List.of("a.example", "example");

    @Test
    void aNameWithFewDotsIsSearchedForFirst() {
        assertThat(SearchList.candidates("db", 1, SEARCH))
                .containsExactly("db.a.example", "db.example", "db");
        assertThat(SearchList.candidates("x.db", 2, SEARCH))
                .containsExactly("x.db.a.example", "x.db.example", "x.db");
    }

    @Test
    void aNameWithManyDotsIsAskedForAsItIsFirst() {
        assertThat(SearchList.candidates("x.db", 1, SEARCH))
                .containsExactly("x.db", "x.db.a.example", "x.db.example");
        assertThat(SearchList.candidates("db", 0, SEARCH)).startsWith("db");
    }

    @Test
    void aDotAtTheEndSaysAll() {
        assertThat(SearchList.candidates("db.", 5, SEARCH)).containsExactly("db");
    }

    @Test
    void theRootIsADomainToo() {
        assertThat(SearchList.candidates("db", 1, List.of("", "example")))
                .containsExactly("db", "db.example");
    }

    /** For any names: each once, none too long, the order as it says. */
    @Test
    void anyNameInAnyDomains() {
        Random random = new Random(Seeds.next("anyNameInAnyDomains"));
        for (int i = 0; i < 10_000; i++) {
            String name = name(random, 4);
            List<String> search = new ArrayList<>();
            for (int domains = random.nextInt(5); domains > 0; domains--) {
                search.add(name(random, 120));
            }
            int ndots = random.nextInt(16);
            List<String> candidates = SearchList.candidates(name, ndots, search);
            assertThat(candidates).doesNotHaveDuplicates().contains(name);
            assertThat(candidates).allMatch(one -> one.equals(name) || one.length() <= 253);
            boolean first = name.chars().filter(c -> c == '.').count() >= ndots;
            assertThat(first ? candidates.getFirst() : candidates.getLast()).isEqualTo(name);
            List<String> expected =
                    search.stream()
                            .distinct()
                            .map(domain -> name + "." + domain)
                            .filter(one -> one.length() <= 253)
                            .toList();
            List<String> searched = new ArrayList<>(candidates);
            searched.remove(name);
            assertThat(searched).isEqualTo(expected);
        }
    }

    private static String name(Random random, int labels) {
        StringBuilder name = new StringBuilder("n");
        for (int label = random.nextInt(labels); label > 0; label--) {
            name.append('.').append((char) ('a' + random.nextInt(3)));
        }
        return name.toString();
    }
}
