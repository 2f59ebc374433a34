WITH `t21` AS (
  SELECT
    `t2`.`order_id`,
    `t2`.`customer_id`,
    CASE
      WHEN DATE(`t2`.`order_delivered_customer_date`) < DATE(2018, 1, 1)
      THEN 'delivered'
      WHEN DATE(`t2`.`order_delivered_carrier_date`) < DATE(2018, 1, 1)
      THEN 'shipped'
      WHEN DATE(`t2`.`order_approved_date`) < DATE(2018, 1, 1)
      THEN 'approved'
      ELSE 'created'
    END AS `order_status`,
    `t2`.`order_purchase_date`,
    `t2`.`order_approved_date`,
    `t2`.`order_delivered_carrier_date`,
    `t2`.`order_delivered_customer_date`,
    `t2`.`order_estimated_delivery_date`,
    `t2`.`order_purchase_date_id`,
    `t2`.`order_approved_date_id`,
    `t2`.`order_delivered_carrier_date_id`,
    `t2`.`order_delivered_customer_date_id`,
    `t2`.`order_estimated_delivery_date_id`,
    `t2`.`load_timestamp`
  FROM `a-project`.`shop_marts`.`fact_orders` AS `t2`
  WHERE
    DATE(`t2`.`order_purchase_date`) < DATE(2018, 1, 1) AND TRUE
), `t32` AS (
  SELECT
    `t25`.`order_id`,
    `t29`.`customer_unique_id`,
    `t25`.`order_status`,
    `t15`.`purchase_date`
  FROM `t21` AS `t25`
  INNER JOIN (
    SELECT
      `t9`.`customer_id`,
      `t9`.`customer_unique_id`
    FROM `a-project`.`shop_marts`.`dim_customer` AS `t9`
    WHERE
      EXISTS(
        SELECT
          1
        FROM `t21` AS `t26`
        WHERE
          `t9`.`customer_id` = `t26`.`customer_id`
      )
  ) AS `t29`
    ON `t25`.`customer_id` = `t29`.`customer_id`
  INNER JOIN (
    SELECT
      `t3`.`date_id` AS `order_purchase_date_id`,
      `t3`.`full_date` AS `purchase_date`
    FROM `a-project`.`shop_marts`.`dim_date` AS `t3`
  ) AS `t15`
    ON `t25`.`order_purchase_date_id` = `t15`.`order_purchase_date_id`
)
SELECT
  `t67`.`customer_unique_id`,
  `t67`.`recency`,
  COALESCE(`t67`.`frequency`, 0) AS `frequency`,
  COALESCE(`t67`.`monetary`, 0) AS `monetary`,
  COALESCE(`t67`.`number_of_orders`, 0) AS `number_of_orders`,
  `t67`.`avg_order_value`,
  `t67`.`avg_item_price`,
  COALESCE(`t67`.`total_order_items`, 0) AS `total_order_items`,
  COALESCE(`t67`.`total_payment_value`, 0) AS `total_payment_value`,
  `t67`.`avg_payment_installments`,
  `t67`.`avg_review_score`,
  COALESCE(`t67`.`num_reviews`, 0) AS `num_reviews`,
  `t67`.`avg_product_category_value`,
  COALESCE(`t67`.`num_unique_products`, 0) AS `num_unique_products`,
  COALESCE(`t67`.`num_categories`, 0) AS `num_categories`,
  `t67`.`freight_share`,
  `t67`.`late_share`,
  COALESCE(`t67`.`num_canceled_orders`, 0) AS `num_canceled_orders`,
  `t67`.`avg_days_between_orders`,
  `t67`.`first_purchase_date`,
  `t67`.`last_purchase_date`
FROM (
  SELECT
    `t66`.*
    EXCEPT (`customer_unique_id_right`)
  FROM (
    SELECT
      `t65`.`customer_unique_id`,
      `t65`.`first_purchase_date`,
      `t65`.`last_purchase_date`,
      `t65`.`number_of_orders`,
      `t65`.`num_canceled_orders`,
      `t65`.`frequency`,
      `t65`.`recency`,
      `t65`.`avg_days_between_orders`,
      `t65`.`monetary`,
      `t65`.`avg_order_value`,
      `t65`.`avg_item_price`,
      `t65`.`total_order_items`,
      `t65`.`num_unique_products`,
      `t65`.`num_categories`,
      `t65`.`avg_product_category_value`,
      `t65`.`freight_share`,
      `t65`.`total_payment_value`,
      `t65`.`avg_payment_installments`,
      `t65`.`avg_review_score`,
      `t65`.`num_reviews`,
      `t54`.`customer_unique_id` AS `customer_unique_id_right`,
      `t54`.`late_share`
    FROM (
      SELECT
        `t63`.*
        EXCEPT (`customer_unique_id_right`)
      FROM (
        SELECT
          `t62`.`customer_unique_id`,
          `t62`.`first_purchase_date`,
          `t62`.`last_purchase_date`,
          `t62`.`number_of_orders`,
          `t62`.`num_canceled_orders`,
          `t62`.`frequency`,
          `t62`.`recency`,
          `t62`.`avg_days_between_orders`,
          `t62`.`monetary`,
          `t62`.`avg_order_value`,
          `t62`.`avg_item_price`,
          `t62`.`total_order_items`,
          `t62`.`num_unique_products`,
          `t62`.`num_categories`,
          `t62`.`avg_product_category_value`,
          `t62`.`freight_share`,
          `t62`.`total_payment_value`,
          `t62`.`avg_payment_installments`,
          `t47`.`customer_unique_id` AS `customer_unique_id_right`,
          `t47`.`avg_review_score`,
          `t47`.`num_reviews`
        FROM (
          SELECT
            `t60`.*
            EXCEPT (`customer_unique_id_right`)
          FROM (
            SELECT
              `t59`.`customer_unique_id`,
              `t59`.`first_purchase_date`,
              `t59`.`last_purchase_date`,
              `t59`.`number_of_orders`,
              `t59`.`num_canceled_orders`,
              `t59`.`frequency`,
              `t59`.`recency`,
              `t59`.`avg_days_between_orders`,
              `t59`.`monetary`,
              `t59`.`avg_order_value`,
              `t59`.`avg_item_price`,
              `t59`.`total_order_items`,
              `t59`.`num_unique_products`,
              `t59`.`num_categories`,
              `t59`.`avg_product_category_value`,
              `t59`.`freight_share`,
              `t48`.`customer_unique_id` AS `customer_unique_id_right`,
              `t48`.`total_payment_value`,
              `t48`.`avg_payment_installments`
            FROM (
              SELECT
                `t57`.*
                EXCEPT (`customer_unique_id_right`)
              FROM (
                SELECT
                  `t52`.`customer_unique_id`,
                  `t52`.`first_purchase_date`,
                  `t52`.`last_purchase_date`,
                  `t52`.`number_of_orders`,
                  `t52`.`num_canceled_orders`,
                  `t52`.`frequency`,
                  `t52`.`recency`,
                  `t52`.`avg_days_between_orders`,
                  `t56`.`customer_unique_id` AS `customer_unique_id_right`,
                  `t56`.`monetary`,
                  `t56`.`avg_order_value`,
                  `t56`.`avg_item_price`,
                  `t56`.`total_order_items`,
                  `t56`.`num_unique_products`,
                  `t56`.`num_categories`,
                  `t56`.`avg_product_category_value`,
                  `t56`.`freight_share`
                FROM (
                  SELECT
                    `t49`.*
                    EXCEPT (`customer_unique_id_right`)
                  FROM (
                    SELECT
                      `t31`.`customer_unique_id`,
                      `t43`.`customer_unique_id` AS `customer_unique_id_right`,
                      `t43`.`first_purchase_date`,
                      `t43`.`last_purchase_date`,
                      `t43`.`number_of_orders`,
                      `t43`.`num_canceled_orders`,
                      `t43`.`frequency`,
                      `t43`.`recency`,
                      `t43`.`avg_days_between_orders`
                    FROM (
                      SELECT DISTINCT
                        *
                      FROM (
                        SELECT
                          `t9`.`customer_unique_id`
                        FROM `a-project`.`shop_marts`.`dim_customer` AS `t9`
                        WHERE
                          EXISTS(
                            SELECT
                              1
                            FROM `t21` AS `t26`
                            WHERE
                              `t9`.`customer_id` = `t26`.`customer_id`
                          )
                      ) AS `t28`
                    ) AS `t31`
                    LEFT OUTER JOIN (
                      SELECT
                        `t36`.`customer_unique_id`,
                        `t36`.`first_purchase_date`,
                        `t36`.`last_purchase_date`,
                        `t36`.`number_of_orders`,
                        `t36`.`num_canceled_orders`,
                        `t36`.`frequency`,
                        GREATEST(DATE_DIFF(DATE(2018, 1, 1), `t36`.`last_purchase_date`, DAY), 0) AS `recency`,
                        ieee_divide(
                          CAST(DATE_DIFF(`t36`.`last_purchase_date`, `t36`.`first_purchase_date`, DAY) AS FLOAT64),
                          NULLIF(CAST(`t36`.`frequency` AS FLOAT64), 0)
                        ) AS `avg_days_between_orders`
                      FROM (
                        SELECT
                          `t33`.`customer_unique_id`,
                          MIN(`t33`.`purchase_date`) AS `first_purchase_date`,
                          MAX(`t33`.`purchase_date`) AS `last_purchase_date`,
                          COUNT(DISTINCT `t33`.`order_id`) AS `number_of_orders`,
                          COUNT(
                            DISTINCT IF(`t33`.`order_status` IN ('canceled', 'unavailable'), `t33`.`order_id`, NULL)
                          ) AS `num_canceled_orders`,
                          COUNT(DISTINCT `t33`.`purchase_date`) - 1 AS `frequency`
                        FROM `t32` AS `t33`
                        GROUP BY
                          1
                      ) AS `t36`
                    ) AS `t43`
                      ON `t31`.`customer_unique_id` = `t43`.`customer_unique_id`
                  ) AS `t49`
                ) AS `t52`
                LEFT OUTER JOIN (
                  SELECT
                    `t51`.`customer_unique_id`,
                    SUM(`t51`.`price`) AS `monetary`,
                    ieee_divide(
                      CAST(SUM(`t51`.`price`) AS FLOAT64),
                      NULLIF(CAST(COUNT(DISTINCT `t51`.`order_id`) AS FLOAT64), 0)
                    ) AS `avg_order_value`,
                    ieee_divide(
                      CAST(SUM(`t51`.`price`) AS FLOAT64),
                      NULLIF(CAST(COUNT(`t51`.`price`) AS FLOAT64), 0)
                    ) AS `avg_item_price`,
                    COUNT(*) AS `total_order_items`,
                    COUNT(DISTINCT `t51`.`product_id`) AS `num_unique_products`,
                    COUNT(DISTINCT `t51`.`product_category_name`) AS `num_categories`,
                    ieee_divide(CAST(SUM(`t51`.`category_value`) AS FLOAT64), NULLIF(CAST(COUNT(*) AS FLOAT64), 0)) AS `avg_product_category_value`,
                    ieee_divide(
                      CAST(SUM(`t51`.`freight_value`) AS FLOAT64),
                      NULLIF(CAST(SUM(`t51`.`total_item_value`) AS FLOAT64), 0)
                    ) AS `freight_share`
                  FROM (
                    SELECT
                      `t41`.`order_id`,
                      `t41`.`customer_unique_id`,
                      `t41`.`order_item_id`,
                      `t41`.`seller_id`,
                      `t41`.`product_id`,
                      `t41`.`order_status`,
                      `t41`.`order_purchase_date`,
                      `t41`.`order_purchase_date_id`,
                      `t41`.`price`,
                      `t41`.`freight_value`,
                      `t41`.`total_item_value`,
                      `t41`.`recognized_revenue`,
                      `t41`.`order_count`,
                      `t41`.`delivered_flag`,
                      `t41`.`load_timestamp`,
                      `t41`.`product_category_name`,
                      CAST(ieee_divide(
                        CAST(SUM(`t41`.`price`) OVER (
                          PARTITION BY `t41`.`product_category_name`
                          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                        ) AS FLOAT64),
                        NULLIF(
                          CAST(COUNT(`t41`.`price`) OVER (
                            PARTITION BY `t41`.`product_category_name`
                            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                          ) AS FLOAT64),
                          0
                        )
                      ) AS NUMERIC) AS `category_value`
                    FROM (
                      SELECT
                        `t40`.*
                        EXCEPT (`product_id_right`)
                      FROM (
                        SELECT
                          `t35`.`order_id`,
                          `t35`.`customer_unique_id`,
                          `t13`.`order_item_id`,
                          `t13`.`seller_id`,
                          `t13`.`product_id`,
                          `t13`.`order_status`,
                          `t13`.`order_purchase_date`,
                          `t13`.`order_purchase_date_id`,
                          `t13`.`price`,
                          `t13`.`freight_value`,
                          `t13`.`total_item_value`,
                          `t13`.`recognized_revenue`,
                          `t13`.`order_count`,
                          `t13`.`delivered_flag`,
                          `t13`.`load_timestamp`,
                          `t16`.`product_id` AS `product_id_right`,
                          `t16`.`product_category_name`
                        FROM (
                          SELECT
                            `t33`.`order_id`,
                            `t33`.`customer_unique_id`
                          FROM `t32` AS `t33`
                        ) AS `t35`
                        INNER JOIN (
                          SELECT
                            `t6`.*
                            EXCEPT (`customer_id`)
                          FROM `a-project`.`shop_marts`.`fact_sales` AS `t6`
                        ) AS `t13`
                          ON `t35`.`order_id` = `t13`.`order_id`
                        LEFT OUTER JOIN (
                          SELECT
                            `t7`.`product_id`,
                            `t7`.`product_category_name`
                          FROM `a-project`.`shop_marts`.`dim_product` AS `t7`
                        ) AS `t16`
                          ON `t13`.`product_id` = `t16`.`product_id`
                      ) AS `t40`
                    ) AS `t41`
                  ) AS `t51`
                  GROUP BY
                    1
                ) AS `t56`
                  ON `t52`.`customer_unique_id` = `t56`.`customer_unique_id`
              ) AS `t57`
            ) AS `t59`
            LEFT OUTER JOIN (
              SELECT
                `t39`.`customer_unique_id`,
                SUM(`t39`.`payment_value`) AS `total_payment_value`,
                ieee_divide(
                  CAST(SUM(`t39`.`payment_installments`) AS FLOAT64),
                  NULLIF(CAST(COUNT(`t39`.`payment_installments`) AS FLOAT64), 0)
                ) AS `avg_payment_installments`
              FROM (
                SELECT
                  `t35`.`order_id`,
                  `t35`.`customer_unique_id`,
                  `t12`.`payment_sequential`,
                  `t12`.`payment_type`,
                  `t12`.`payment_installments`,
                  `t12`.`payment_value`,
                  `t12`.`is_installment`,
                  `t12`.`installment_value`,
                  `t12`.`payment_type_flag_credit`,
                  `t12`.`payment_date_id`,
                  `t12`.`load_timestamp`
                FROM (
                  SELECT
                    `t33`.`order_id`,
                    `t33`.`customer_unique_id`
                  FROM `t32` AS `t33`
                ) AS `t35`
                INNER JOIN (
                  SELECT
                    `t4`.*
                    EXCEPT (`customer_id`)
                  FROM `a-project`.`shop_marts`.`fact_payments` AS `t4`
                ) AS `t12`
                  ON `t35`.`order_id` = `t12`.`order_id`
              ) AS `t39`
              GROUP BY
                1
            ) AS `t48`
              ON `t59`.`customer_unique_id` = `t48`.`customer_unique_id`
          ) AS `t60`
        ) AS `t62`
        LEFT OUTER JOIN (
          SELECT
            `t38`.`customer_unique_id`,
            ieee_divide(
              CAST(SUM(`t38`.`review_score`) AS FLOAT64),
              NULLIF(CAST(COUNT(`t38`.`review_score`) AS FLOAT64), 0)
            ) AS `avg_review_score`,
            COUNT(*) AS `num_reviews`
          FROM (
            SELECT
              `t35`.`order_id`,
              `t35`.`customer_unique_id`,
              `t23`.`review_id`,
              `t23`.`review_score`,
              `t23`.`is_positive_review`,
              `t23`.`is_negative_review`,
              `t23`.`review_comment_title`,
              `t23`.`review_comment_message`,
              `t23`.`review_length`,
              `t23`.`has_comment`,
              `t23`.`review_creation_date`,
              `t23`.`review_creation_date_id`,
              `t23`.`review_answer_date`,
              `t23`.`review_answer_date_id`,
              `t23`.`response_time_hours`,
              `t23`.`load_timestamp`
            FROM (
              SELECT
                `t33`.`order_id`,
                `t33`.`customer_unique_id`
              FROM `t32` AS `t33`
            ) AS `t35`
            INNER JOIN (
              SELECT
                `t18`.*
                EXCEPT (`customer_id`)
              FROM (
                SELECT
                  *
                FROM `a-project`.`shop_marts`.`fact_reviews` AS `t1`
                WHERE
                  DATE(`t1`.`review_answer_date`) < DATE(2018, 1, 1)
              ) AS `t18`
            ) AS `t23`
              ON `t35`.`order_id` = `t23`.`order_id`
          ) AS `t38`
          GROUP BY
            1
        ) AS `t47`
          ON `t62`.`customer_unique_id` = `t47`.`customer_unique_id`
      ) AS `t63`
    ) AS `t65`
    LEFT OUTER JOIN (
      SELECT
        `t44`.`customer_unique_id`,
        ieee_divide(
          CAST(SUM(`t44`.`is_late`) AS FLOAT64),
          NULLIF(CAST(COUNT(`t44`.`is_late`) AS FLOAT64), 0)
        ) AS `late_share`
      FROM (
        SELECT
          `t37`.`customer_unique_id`,
          `t37`.`order_id`,
          MAX(CAST(`t37`.`delivery_late_flag` AS INT64)) AS `is_late`
        FROM (
          SELECT
            `t35`.`order_id`,
            `t35`.`customer_unique_id`,
            `t22`.`order_item_id`,
            `t22`.`product_id`,
            `t22`.`seller_id`,
            `t22`.`order_status`,
            `t22`.`order_approved_at`,
            `t22`.`shipping_limit_date`,
            `t22`.`shipping_limit_date_id`,
            `t22`.`order_delivered_customer_date`,
            `t22`.`order_estimated_delivery_date`,
            `t22`.`actual_delivery_days`,
            `t22`.`estimated_delivery_days`,
            `t22`.`delivery_delay`,
            `t22`.`delivery_late_flag`,
            `t22`.`load_timestamp`
          FROM (
            SELECT
              `t33`.`order_id`,
              `t33`.`customer_unique_id`
            FROM `t32` AS `t33`
          ) AS `t35`
          INNER JOIN (
            SELECT
              `t17`.*
              EXCEPT (`customer_id`)
            FROM (
              SELECT
                *
              FROM `a-project`.`shop_marts`.`fact_fulfillment` AS `t0`
              WHERE
                DATE(`t0`.`order_delivered_customer_date`) < DATE(2018, 1, 1)
            ) AS `t17`
          ) AS `t22`
            ON `t35`.`order_id` = `t22`.`order_id`
        ) AS `t37`
        GROUP BY
          1,
          2
      ) AS `t44`
      GROUP BY
        1
    ) AS `t54`
      ON `t65`.`customer_unique_id` = `t54`.`customer_unique_id`
  ) AS `t66`
) AS `t67`
