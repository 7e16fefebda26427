// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class WalkBudgetTest {
  private static final long MILLIS = 1_000_000;

  private final WalkBudget budget = new WalkBudget();

  @Test
  void theFirstIsAllowed() {
    assertTrue(budget.allows(0));
    assertTrue(budget.allows(Long.MAX_VALUE));
  }

  @Test
  void aShortOneIsAllowedAgainAtOnce() {
    budget.spent(-MILLIS, MILLIS);
    assertTrue(budget.allows(MILLIS));
  }

  @Test
  void aLongOneWaitsForAHundredTimesAsLong() {
    budget.spent(0, 8 * MILLIS);
    assertFalse(budget.allows(607 * MILLIS));
    assertTrue(budget.allows(608 * MILLIS));
  }

  @Test
  void aWalkHoldsForTwentyMilliseconds() {
    assertFalse(budget.hasJustSpent(0));
    budget.spent(0, MILLIS);
    assertTrue(budget.hasJustSpent(20 * MILLIS));
    assertFalse(budget.hasJustSpent(21 * MILLIS));
  }

  @Test
  void atTheEndAllAreAllowed() {
    budget.spent(0, 8 * MILLIS);
    budget.unlimited();
    assertTrue(budget.allows(9 * MILLIS));
  }
}
