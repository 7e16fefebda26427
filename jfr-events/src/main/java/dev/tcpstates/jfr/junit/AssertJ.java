// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import java.util.List;
import java.util.function.Supplier;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ListAssert;

/** All that needs AssertJ, which may be missing: loaded only if a test uses it. */
final class AssertJ {
  private AssertJ() {}

  /** Assertions on values, with a description that is made only if one fails. */
  static <T> ListAssert<T> assertThat(List<T> values, Supplier<String> description) {
    return Assertions.assertThat(values).as(description);
  }
}
