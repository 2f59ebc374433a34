SELECT
  `t20`.`customer_unique_id`,
  `t20`.`status`,
  `t20`.`segment_id`,
  `t20`.`segment_name`,
  `t20`.`previous_segment_id`,
  `t20`.`neuron`,
  `t20`.`neuron_row`,
  `t20`.`neuron_col`,
  `t20`.`distance`,
  `t20`.`beyond_training`,
  `t20`.`is_outside_map`,
  `t20`.`run_id`,
  `t20`.`scored_at`
FROM (
  SELECT
    `t5`.`customer_unique_id`,
    CASE
      WHEN `t6`.`previous_segment_id` IS NULL
      THEN 'new'
      WHEN NOT (
        `t5`.`recency` IS NOT DISTINCT FROM `t6`.`previous_recency`
      )
      OR NOT (
        `t5`.`total_payment_value` IS NOT DISTINCT FROM `t6`.`previous_total_payment_value`
      )
      OR NOT (
        `t5`.`late_share` IS NOT DISTINCT FROM `t6`.`previous_late_share`
      )
      THEN 'changed'
      ELSE 'unchanged'
    END AS `status`,
    `t9`.`segment_id`,
    `t6`.`previous_segment_id`,
    `t19`.`neuron`,
    `t9`.`neuron_row`,
    `t9`.`neuron_col`,
    `t19`.`distance`,
    `t19`.`beyond_training`,
    CASE `t9`.`segment_id` WHEN 1 THEN 'North' WHEN 4 THEN 'South' ELSE NULL END AS `segment_name`,
    (
      (
        `t19`.`distance` * `t19`.`distance`
      ) + (
        `t19`.`beyond_training` * `t19`.`beyond_training`
      )
    ) > 6.25 AS `is_outside_map`,
    'a-run' AS `run_id`,
    DATETIME('2026-01-01T00:00:00') AS `scored_at`
  FROM (
    SELECT
      `t0`.`customer_unique_id`,
      `t0`.`recency`,
      `t0`.`total_payment_value`,
      `t0`.`late_share`
    FROM `a-project`.`shop_marts`.`customer_features` AS `t0`
  ) AS `t5`
  LEFT OUTER JOIN (
    SELECT
      `t1`.`customer_unique_id`,
      `t1`.`segment_id` AS `previous_segment_id`,
      `t1`.`recency` AS `previous_recency`,
      `t1`.`total_payment_value` AS `previous_total_payment_value`,
      `t1`.`late_share` AS `previous_late_share`
    FROM `a-project`.`shop_marts`.`dim_customer_segmented` AS `t1`
  ) AS `t6`
    ON `t5`.`customer_unique_id` = `t6`.`customer_unique_id`
  INNER JOIN (
    SELECT
      `t14`.`customer_unique_id`,
      `t17`.`neuron`,
      `t17`.`distance`,
      `t14`.`beyond_training`
    FROM (
      SELECT
        `t12`.`customer_unique_id`,
        `t12`.`at_recency`,
        `t12`.`at_total_payment_value`,
        `t12`.`at_late_share`,
        `t12`.`beyond_training`,
        ROW_NUMBER() OVER (ORDER BY `t12`.`customer_unique_id` ASC) - 1 AS `number`
      FROM (
        SELECT
          `t0`.`customer_unique_id`,
          GREATEST(
            CAST('-1.5' AS FLOAT64),
            LEAST(
              CAST('3.5' AS FLOAT64),
              ieee_divide(
                COALESCE(CAST(`t0`.`recency` AS FLOAT64), CAST('200.0' AS FLOAT64)) - CAST('250.0' AS FLOAT64),
                CAST('150.0' AS FLOAT64)
              )
            )
          ) AS `at_recency`,
          GREATEST(
            CAST('-5.0' AS FLOAT64),
            LEAST(
              CAST('5.0' AS FLOAT64),
              ieee_divide(
                LN(
                  COALESCE(CAST(`t0`.`total_payment_value` AS FLOAT64), CAST('100.0' AS FLOAT64)) + 1
                ) - CAST('4.7' AS FLOAT64),
                CAST('0.8' AS FLOAT64)
              )
            )
          ) AS `at_total_payment_value`,
          GREATEST(
            CAST('-0.5' AS FLOAT64),
            LEAST(
              CAST('3.0' AS FLOAT64),
              ieee_divide(
                SQRT(COALESCE(`t0`.`late_share`, CAST('0.0' AS FLOAT64))) - CAST('0.1' AS FLOAT64),
                CAST('0.3' AS FLOAT64)
              )
            )
          ) AS `at_late_share`,
          SQRT(
            (
              POWER(
                ieee_divide(
                  COALESCE(CAST(`t0`.`recency` AS FLOAT64), CAST('200.0' AS FLOAT64)) - GREATEST(
                    CAST('0.0' AS FLOAT64),
                    LEAST(
                      CAST('700.0' AS FLOAT64),
                      COALESCE(CAST(`t0`.`recency` AS FLOAT64), CAST('200.0' AS FLOAT64))
                    )
                  ),
                  CAST('150.0' AS FLOAT64)
                ),
                2
              )
            ) + (
              POWER(
                ieee_divide(
                  LN(
                    COALESCE(CAST(`t0`.`total_payment_value` AS FLOAT64), CAST('100.0' AS FLOAT64)) + 1
                  ) - LN(
                    GREATEST(
                      CAST('0.0' AS FLOAT64),
                      LEAST(
                        CAST('9000.0' AS FLOAT64),
                        COALESCE(CAST(`t0`.`total_payment_value` AS FLOAT64), CAST('100.0' AS FLOAT64))
                      )
                    ) + 1
                  ),
                  CAST('0.8' AS FLOAT64)
                ),
                2
              )
            ) + (
              POWER(
                ieee_divide(
                  SQRT(COALESCE(`t0`.`late_share`, CAST('0.0' AS FLOAT64))) - SQRT(
                    GREATEST(
                      CAST('0.0' AS FLOAT64),
                      LEAST(CAST('1.0' AS FLOAT64), COALESCE(`t0`.`late_share`, CAST('0.0' AS FLOAT64)))
                    )
                  ),
                  CAST('0.3' AS FLOAT64)
                ),
                2
              )
            )
          ) AS `beyond_training`
        FROM `a-project`.`shop_marts`.`customer_features` AS `t0`
      ) AS `t12`
    ) AS `t14`
    INNER JOIN (
      SELECT
        `t15`.`number`,
        MIN_BY(`t15`.`neuron`, `t15`.`square`) AS `neuron`,
        SQRT(MIN(`t15`.`square`)) AS `distance`
      FROM (
        SELECT
          `t14`.`number`,
          `t11`.`neuron`,
          (
            (
              `t14`.`at_recency` - `t11`.`weight_recency`
            ) * (
              `t14`.`at_recency` - `t11`.`weight_recency`
            )
          ) + (
            (
              `t14`.`at_total_payment_value` - `t11`.`weight_total_payment_value`
            ) * (
              `t14`.`at_total_payment_value` - `t11`.`weight_total_payment_value`
            )
          ) + (
            (
              `t14`.`at_late_share` - `t11`.`weight_late_share`
            ) * (
              `t14`.`at_late_share` - `t11`.`weight_late_share`
            )
          ) AS `square`
        FROM (
          SELECT
            `t12`.`customer_unique_id`,
            `t12`.`at_recency`,
            `t12`.`at_total_payment_value`,
            `t12`.`at_late_share`,
            `t12`.`beyond_training`,
            ROW_NUMBER() OVER (ORDER BY `t12`.`customer_unique_id` ASC) - 1 AS `number`
          FROM (
            SELECT
              `t0`.`customer_unique_id`,
              GREATEST(
                CAST('-1.5' AS FLOAT64),
                LEAST(
                  CAST('3.5' AS FLOAT64),
                  ieee_divide(
                    COALESCE(CAST(`t0`.`recency` AS FLOAT64), CAST('200.0' AS FLOAT64)) - CAST('250.0' AS FLOAT64),
                    CAST('150.0' AS FLOAT64)
                  )
                )
              ) AS `at_recency`,
              GREATEST(
                CAST('-5.0' AS FLOAT64),
                LEAST(
                  CAST('5.0' AS FLOAT64),
                  ieee_divide(
                    LN(
                      COALESCE(CAST(`t0`.`total_payment_value` AS FLOAT64), CAST('100.0' AS FLOAT64)) + 1
                    ) - CAST('4.7' AS FLOAT64),
                    CAST('0.8' AS FLOAT64)
                  )
                )
              ) AS `at_total_payment_value`,
              GREATEST(
                CAST('-0.5' AS FLOAT64),
                LEAST(
                  CAST('3.0' AS FLOAT64),
                  ieee_divide(
                    SQRT(COALESCE(`t0`.`late_share`, CAST('0.0' AS FLOAT64))) - CAST('0.1' AS FLOAT64),
                    CAST('0.3' AS FLOAT64)
                  )
                )
              ) AS `at_late_share`,
              SQRT(
                (
                  POWER(
                    ieee_divide(
                      COALESCE(CAST(`t0`.`recency` AS FLOAT64), CAST('200.0' AS FLOAT64)) - GREATEST(
                        CAST('0.0' AS FLOAT64),
                        LEAST(
                          CAST('700.0' AS FLOAT64),
                          COALESCE(CAST(`t0`.`recency` AS FLOAT64), CAST('200.0' AS FLOAT64))
                        )
                      ),
                      CAST('150.0' AS FLOAT64)
                    ),
                    2
                  )
                ) + (
                  POWER(
                    ieee_divide(
                      LN(
                        COALESCE(CAST(`t0`.`total_payment_value` AS FLOAT64), CAST('100.0' AS FLOAT64)) + 1
                      ) - LN(
                        GREATEST(
                          CAST('0.0' AS FLOAT64),
                          LEAST(
                            CAST('9000.0' AS FLOAT64),
                            COALESCE(CAST(`t0`.`total_payment_value` AS FLOAT64), CAST('100.0' AS FLOAT64))
                          )
                        ) + 1
                      ),
                      CAST('0.8' AS FLOAT64)
                    ),
                    2
                  )
                ) + (
                  POWER(
                    ieee_divide(
                      SQRT(COALESCE(`t0`.`late_share`, CAST('0.0' AS FLOAT64))) - SQRT(
                        GREATEST(
                          CAST('0.0' AS FLOAT64),
                          LEAST(CAST('1.0' AS FLOAT64), COALESCE(`t0`.`late_share`, CAST('0.0' AS FLOAT64)))
                        )
                      ),
                      CAST('0.3' AS FLOAT64)
                    ),
                    2
                  )
                )
              ) AS `beyond_training`
            FROM `a-project`.`shop_marts`.`customer_features` AS `t0`
          ) AS `t12`
        ) AS `t14`
        CROSS JOIN (
          SELECT
            `t8`.`recency` AS `weight_recency`,
            `t8`.`total_payment_value` AS `weight_total_payment_value`,
            `t8`.`late_share` AS `weight_late_share`,
            MIN(`t8`.`neuron`) AS `neuron`
          FROM (
            SELECT
              *
            FROM `a-project`.`shop_marts`.`segmentation_codebook` AS `t2`
            WHERE
              `t2`.`segment_id` > 0
          ) AS `t8`
          GROUP BY
            1,
            2,
            3
        ) AS `t11`
      ) AS `t15`
      GROUP BY
        1
    ) AS `t17`
      ON `t14`.`number` = `t17`.`number`
  ) AS `t19`
    ON `t5`.`customer_unique_id` = `t19`.`customer_unique_id`
  INNER JOIN (
    SELECT
      `t2`.`neuron`,
      `t2`.`segment_id`,
      `t2`.`row` AS `neuron_row`,
      `t2`.`col` AS `neuron_col`
    FROM `a-project`.`shop_marts`.`segmentation_codebook` AS `t2`
    WHERE
      `t2`.`segment_id` > 0
  ) AS `t9`
    ON `t19`.`neuron` = `t9`.`neuron`
) AS `t20`
