// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.otel;

import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizerProvider;

/** Adds the tcpstates agent's metrics to what the OpenTelemetry agent's SDK exports. */
public final class TcpMetricsProvider implements AutoConfigurationCustomizerProvider {
  /** Called by the OpenTelemetry agent. */
  public TcpMetricsProvider() {}

  @Override
  public void customize(AutoConfigurationCustomizer configuration) {
    configuration.addMeterProviderCustomizer(
        (builder, properties) -> builder.registerMetricProducer(new TcpMetricProducer()));
  }
}
