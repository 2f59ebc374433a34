SELECT
  `t0`.`customer_unique_id`,
  CAST(`t0`.`recency` AS FLOAT64) AS `recency`,
  CAST(`t0`.`frequency` AS FLOAT64) AS `frequency`,
  CAST(`t0`.`total_payment_value` AS FLOAT64) AS `total_payment_value`,
  CAST(`t0`.`total_order_items` AS FLOAT64) AS `total_order_items`,
  CAST(`t0`.`num_unique_products` AS FLOAT64) AS `num_unique_products`,
  `t0`.`avg_payment_installments`,
  `t0`.`avg_review_score`
FROM `a-project`.`shop_marts`.`customer_features` AS `t0`
ORDER BY
  `t0`.`customer_unique_id` ASC NULLS LAST
