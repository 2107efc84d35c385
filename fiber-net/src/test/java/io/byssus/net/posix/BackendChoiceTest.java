package io.byssus.net.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.shard.RuntimeOptions;
import org.junit.jupiter.api.Test;

/** On Linux; what is chosen elsewhere is tested with the examples. */
class BackendChoiceTest {
    @Test
    void epollIsTheBestOnLinux() {
        assertThat(BackendChoice.of(RuntimeOptions.BEST_BACKEND)).isEqualTo("epoll");
        assertThat(BackendChoice.notice()).isEmpty();
    }

    @Test
    void eachCanBeAskedForByName() {
        assertThat(BackendChoice.NAMES)
                .containsExactly("epoll", "io_uring", "nio")
                .allSatisfy(name -> assertThat(BackendChoice.of(name)).isEqualTo(name));
    }

    @Test
    void anUnknownNameIsRefusedWithAllThatThereAre() {
        assertThatThrownBy(() -> BackendChoice.of("frob"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--reactor-backend frob: expected ")
                .hasMessageContaining(String.join(" or ", BackendChoice.NAMES));
    }
}
