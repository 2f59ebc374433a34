SELECT
  SUM(
    CAST((
      CAST(`t0`.`recency` AS FLOAT64) IS NOT NULL
    )
    AND (
      CAST(`t0`.`recency` AS FLOAT64) <= CAST('180.0' AS FLOAT64)
    ) AS INT64)
  ) AS `recency_0`,
  SUM(
    CAST((
      CAST(`t0`.`recency` AS FLOAT64) IS NOT NULL
    )
    AND (
      CAST(`t0`.`recency` AS FLOAT64) > CAST('180.0' AS FLOAT64)
    ) AS INT64)
  ) AS `recency_1`,
  SUM(CAST(CAST(`t0`.`recency` AS FLOAT64) IS NULL AS INT64)) AS `recency_missing`,
  SUM(
    CAST((
      CAST(`t0`.`total_payment_value` AS FLOAT64) IS NOT NULL
    )
    AND (
      CAST(`t0`.`total_payment_value` AS FLOAT64) <= CAST('99.9' AS FLOAT64)
    ) AS INT64)
  ) AS `total_payment_value_0`,
  SUM(
    CAST((
      CAST(`t0`.`total_payment_value` AS FLOAT64) IS NOT NULL
    )
    AND (
      CAST(`t0`.`total_payment_value` AS FLOAT64) > CAST('99.9' AS FLOAT64)
    ) AS INT64)
  ) AS `total_payment_value_1`,
  SUM(CAST(CAST(`t0`.`total_payment_value` AS FLOAT64) IS NULL AS INT64)) AS `total_payment_value_missing`,
  SUM(
    CAST((
      `t0`.`late_share` IS NOT NULL
    )
    AND (
      `t0`.`late_share` <= CAST('0.3333333333333333' AS FLOAT64)
    ) AS INT64)
  ) AS `late_share_0`,
  SUM(
    CAST((
      `t0`.`late_share` IS NOT NULL
    )
    AND (
      `t0`.`late_share` > CAST('0.3333333333333333' AS FLOAT64)
    ) AS INT64)
  ) AS `late_share_1`,
  SUM(CAST(`t0`.`late_share` IS NULL AS INT64)) AS `late_share_missing`
FROM `a-project`.`shop_marts`.`customer_features` AS `t0`
